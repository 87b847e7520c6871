// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/strace/file_calls.hpp"

namespace aa::test {

const std::vector<FileCall>& file_calls() {
  static const std::vector<FileCall> calls{
      {"open", "open", "path flags mode"},
      {"creat", "open", "path mode", {{"flags", "O_CREAT|O_TRUNC|O_WRONLY"}}},
      {"openat", "open", "dir path flags mode"},
      {"openat2", "open", "dir path how"},
      {"open_by_handle_at", "open", "- - flags"},
      {"unlink", "unlink", "path"},
      {"unlinkat", "unlink", "dir path"},
      {"rmdir", "rmdir", "path"},
      {"mkdir", "mkdir", "path mode"},
      {"mkdirat", "mkdir", "dir path mode"},
      {"mknod", "mknod", "path mode"},
      {"mknodat", "mknod", "dir path mode"},
      {"rename", "rename", "path new_path"},
      {"renameat", "rename", "dir path new_dir new_path"},
      {"renameat2", "rename", "dir path new_dir new_path flags"},
      {"link", "link", "path new_path"},
      {"linkat", "link", "dir path new_dir new_path"},
      {"symlink", "symlink", "target path"},
      {"symlinkat", "symlink", "target dir path"},
      {"chmod", "chmod", "path mode"},
      {"fchmod", "chmod", "fd mode"},
      {"fchmodat", "chmod", "dir path mode"},
      {"fchmodat2", "chmod", "dir path mode"},
      {"chown", "chown", "path new_uid new_gid"},
      {"lchown", "chown", "path new_uid new_gid"},
      {"fchown", "chown", "fd new_uid new_gid"},
      {"fchownat", "chown", "dir path new_uid new_gid"},
      {"truncate", "truncate", "path size"},
      {"ftruncate", "truncate", "fd size"},
      {"fallocate", "truncate", "fd flags - size"},
      {"utime", "utime", "path"},
      {"utimes", "utime", "path"},
      {"futimesat", "utime", "dir path"},
      {"utimensat", "utime", "dir path"},
      {"setxattr", "xattr", "path name"},
      {"lsetxattr", "xattr", "path name"},
      {"fsetxattr", "xattr", "fd name"},
      {"removexattr", "xattr", "path name", {{"removed", "true"}}},
      {"lremovexattr", "xattr", "path name", {{"removed", "true"}}},
      {"fremovexattr", "xattr", "fd name", {{"removed", "true"}}},
      {"mmap", "mmap", "- length - - fd"},
      {"read", "read", "fd"},
      {"readv", "read", "fd"},
      {"pread64", "read", "fd - - offset"},
      {"preadv", "read", "fd - - offset"},
      {"preadv2", "read", "fd - - offset"},
      {"write", "write", "fd"},
      {"writev", "write", "fd"},
      {"pwrite64", "write", "fd - - offset"},
      {"pwritev", "write", "fd - - offset"},
      {"pwritev2", "write", "fd - - offset"},
      {"sendfile", "read", "- fd *offset"},
      {"sendfile", "write", "fd"},
      {"copy_file_range", "read", "fd *offset"},
      {"copy_file_range", "write", "- - fd *offset"},
      {"splice", "read", "fd *offset"},
      {"splice", "write", "- - fd *offset"},
      {"close", "close", "fd"},
      {"dup2", "close", "- fd"},
      {"dup3", "close", "- fd"},
  };
  return calls;
}

std::string calls_to_trace() {
  std::string list = "chdir,fchdir,chroot,unshare,clone,clone3,?fork,?vfork,execve,execveat,close_range,rt_sigreturn";
  for (const auto& call : file_calls()) list += std::string(",?") + call.call;
  return list;
}

}  // namespace aa::test
