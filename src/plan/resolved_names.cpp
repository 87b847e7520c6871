// SPDX-License-Identifier: MIT OR Apache-2.0
#include "plan/resolved_names.hpp"

#include <algorithm>
#include <iterator>

#include "base/format.hpp"

namespace aa {
namespace {

// One place where a program can go. The security hook first: it runs also where the kernel preempts its own code.
struct Alternative {
  const char* program;
  KindSet kinds;
  bool lsm;
  const char* function;
  int parameters;  // at least: fewer are another kernel's
};

constexpr KindSet kRemovals = kind_bit(AA_UNLINK) | kind_bit(AA_RMDIR);

// include/linux/lsm_hook_defs.h, security/security.c, fs/utimes.c, fs/namespace.c
constexpr Alternative kAlternatives[] = {
    {"path_unlink", kRemovals, true, "path_unlink", 2},
    {"path_unlink", kRemovals, false, "security_path_unlink", 2},
    {"path_rmdir", kRemovals, true, "path_rmdir", 2},
    {"path_rmdir", kRemovals, false, "security_path_rmdir", 2},
    {"path_mkdir", kind_bit(AA_MKDIR), true, "path_mkdir", 3},
    {"path_mkdir", kind_bit(AA_MKDIR), false, "security_path_mkdir", 3},
    {"path_mknod", kind_bit(AA_MKNOD), true, "path_mknod", 4},
    {"path_mknod", kind_bit(AA_MKNOD), false, "security_path_mknod", 4},
    {"path_symlink", kind_bit(AA_SYMLINK), true, "path_symlink", 3},
    {"path_symlink", kind_bit(AA_SYMLINK), false, "security_path_symlink", 3},
    {"path_link", kind_bit(AA_LINK), true, "path_link", 3},
    {"path_link", kind_bit(AA_LINK), false, "security_path_link", 3},
    // before 5.19 it has no flags, and an exchange comes with its names the other way round first
    {"path_rename", kind_bit(AA_RENAME), true, "path_rename", 5},
    {"path_rename", kind_bit(AA_RENAME), false, "security_path_rename", 5},
    {"path_chmod", kind_bit(AA_CHMOD), true, "path_chmod", 2},
    {"path_chmod", kind_bit(AA_CHMOD), false, "security_path_chmod", 2},
    {"path_chown", kind_bit(AA_CHOWN), true, "path_chown", 3},
    {"path_chown", kind_bit(AA_CHOWN), false, "security_path_chown", 3},
    {"path_truncate", kind_bit(AA_TRUNCATE), true, "path_truncate", 1},
    {"path_truncate", kind_bit(AA_TRUNCATE), false, "security_path_truncate", 1},
    {"path_utimes", kind_bit(AA_UTIME), false, "vfs_utimes", 2},
    {"file_open", kind_bit(AA_OPEN), true, "file_open", 1},
    {"file_open", kind_bit(AA_OPEN), false, "security_file_open", 1},
    // these have no mount; before 5.12 they have fewer parameters
    {"inode_setxattr", kind_bit(AA_XATTR), true, "inode_setxattr", 6},
    {"inode_setxattr", kind_bit(AA_XATTR), false, "security_inode_setxattr", 6},
    {"inode_removexattr", kind_bit(AA_XATTR), true, "inode_removexattr", 3},
    {"inode_removexattr", kind_bit(AA_XATTR), false, "security_inode_removexattr", 3},
    {"inode_set_acl", kind_bit(AA_XATTR), true, "inode_set_acl", 4},
    {"inode_set_acl", kind_bit(AA_XATTR), false, "security_inode_set_acl", 4},
    {"inode_remove_acl", kind_bit(AA_XATTR), true, "inode_remove_acl", 3},
    {"inode_remove_acl", kind_bit(AA_XATTR), false, "security_inode_remove_acl", 3},
    {"mount_to_write", kind_bit(AA_XATTR), false, "mnt_want_write", 1},
};

bool is_there(const Alternative& place, const NameHookFacts& facts) {
  if (!facts.trampolines || (place.lsm && !facts.bpf_lsm)) return false;
  const std::string function = fmt::format("{}{}", place.lsm ? "bpf_lsm_" : "", place.function);
  return facts.parameters(function) >= place.parameters;
}

}  // namespace

bool names_are_certain(Engine engine, Preemption preemption, const KernelRelease& release) {
  if (!is_at_least(release, 5, 17)) return false;
  if (preemption == Preemption::kNone) return true;
  return engine == Engine::kTracepoint && is_at_least(release, 6, 2);
}

std::vector<NameHook> choose_name_hooks(const Selection& selection, const NameHookFacts& facts) {
  std::vector<NameHook> hooks;
  std::string_view served;  // the alternatives of a program stand together
  for (const Alternative& place : kAlternatives) {
    if (place.program == served || !is_any_asked(selection, place.kinds) || !is_there(place, facts)) continue;
    served = place.program;
    hooks.push_back({place.program, place.function, place.lsm});
  }
  return hooks;
}

std::string hook_name(const NameHook& hook) { return fmt::format("{}/{}", hook.lsm ? "lsm" : "fentry", hook.function); }

std::vector<NameHook> name_hooks_of(aa_kind kind, const std::vector<NameHook>& hooks) {
  std::vector<NameHook> own;
  std::copy_if(hooks.begin(), hooks.end(), std::back_inserter(own), [kind](const NameHook& hook) {
    return std::any_of(std::begin(kAlternatives), std::end(kAlternatives), [&](const Alternative& place) {
      return place.program == std::string_view(hook.program) && place.kinds & kind_bit(kind);
    });
  });
  return own;
}

}  // namespace aa
