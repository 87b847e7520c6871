// SPDX-License-Identifier: MIT OR Apache-2.0
#include "plan/syscalls.hpp"

namespace aa {
namespace {

constexpr int kNone = -1;  // no such call there, or another row has it

// The numbers: arch/x86/entry/syscalls/syscall_64.tbl and syscall_32.tbl, scripts/syscall.tbl (arm64; before Linux 6.11
// include/uapi/asm-generic/unistd.h). The names are theirs.
struct Call {
  std::string_view name;
  int x86_64, i386, arm64;
  aa_call call;
  CallFunction function = {};
};

constexpr CallFunction kRecent = {.always = false};

// Shapes of more than one row, or too long for one
constexpr aa_call kAllocateWide = {.kind = AA_TRUNCATE, .fd = 1, .flags = 2, .size = 5, .traits = AA_CALL_WIDE};
constexpr aa_call kTimesAt = {.kind = AA_UTIME, .dir = 1, .path = 2, .flags = 4, .traits = AA_CALL_NULL_IS_DIR};
constexpr aa_call kXattrAt = {
    .kind = AA_XATTR, .dir = 1, .path = 2, .text = 4, .flags = 3, .traits = AA_CALL_NULL_IS_DIR};
constexpr aa_call kMap = {.kind = AA_MMAP, .fd = 5, .flags = 4, .mode = 3, .size = 2};
constexpr aa_call kSend = {.kind = AA_READ, .fd = 2, .new_fd = 1, .offset = 3, .traits = AA_CALL_POINTERS};
constexpr aa_call kCopy = {
    .kind = AA_READ, .fd = 1, .new_fd = 3, .offset = 2, .new_offset = 4, .traits = AA_CALL_POINTERS};

constexpr aa_call with(aa_call_trait trait, aa_call shape) {
  shape.traits |= trait;
  return shape;
}

// A call whose arguments differ on i386 has a second row: ids of 16 bits (kernel/uid16.c), 64-bit numbers in two
// arguments (arch/x86/kernel/sys_ia32.c, fs/read_write.c), offsets of 32 bits, arguments in memory.
constexpr Call kCalls[] = {
    {"execve", 59, 11, 221, {.kind = AA_EXEC, .path = 1, .text = 2}},
    {"execveat", 322, 358, 281, {.kind = AA_EXEC, .dir = 1, .path = 2, .text = 3}},

    {"open", 2, 5, kNone, {.kind = AA_OPEN, .path = 1, .flags = 2, .mode = 3}},
    {"creat", 85, 8, kNone, {.kind = AA_OPEN, .path = 1, .mode = 2, .traits = AA_CALL_CREAT}},
    {"openat", 257, 295, 56, {.kind = AA_OPEN, .dir = 1, .path = 2, .flags = 3, .mode = 4}},
    {"openat2", 437, 437, 437, {.kind = AA_OPEN, .dir = 1, .path = 2, .flags = 3, .traits = AA_CALL_HOW}},
    {"open_by_handle_at", 304, 342, 265, {.kind = AA_OPEN, .flags = 3}},

    // unlinkat with AT_REMOVEDIR is a rmdir: arm64 has no other
    {"unlink", 87, 10, kNone, {.kind = AA_UNLINK, .path = 1}},
    {"unlinkat", 263, 301, 35, {.kind = AA_UNLINK, .dir = 1, .path = 2, .flags = 3}},
    {"rmdir", 84, 40, kNone, {.kind = AA_RMDIR, .path = 1}},

    {"mkdir", 83, 39, kNone, {.kind = AA_MKDIR, .path = 1, .mode = 2}},
    {"mkdirat", 258, 296, 34, {.kind = AA_MKDIR, .dir = 1, .path = 2, .mode = 3}},
    {"mknod", 133, 14, kNone, {.kind = AA_MKNOD, .path = 1, .mode = 2}},
    {"mknodat", 259, 297, 33, {.kind = AA_MKNOD, .dir = 1, .path = 2, .mode = 3}},

    {"rename", 82, 38, kNone, {.kind = AA_RENAME, .path = 1, .new_path = 2}},
    {"renameat", 264, 302, 38, {.kind = AA_RENAME, .dir = 1, .path = 2, .new_dir = 3, .new_path = 4}},
    {"renameat2", 316, 353, 276, {.kind = AA_RENAME, .dir = 1, .path = 2, .new_dir = 3, .new_path = 4, .flags = 5}},

    {"link", 86, 9, kNone, {.kind = AA_LINK, .path = 1, .new_path = 2}},
    {"linkat", 265, 303, 37, {.kind = AA_LINK, .dir = 1, .path = 2, .new_dir = 3, .new_path = 4, .flags = 5}},
    {"symlink", 88, 83, kNone, {.kind = AA_SYMLINK, .path = 2, .text = 1}},
    {"symlinkat", 266, 304, 36, {.kind = AA_SYMLINK, .dir = 2, .path = 3, .text = 1}},

    {"chmod", 90, 15, kNone, {.kind = AA_CHMOD, .path = 1, .mode = 2}},
    {"fchmod", 91, 94, 52, {.kind = AA_CHMOD, .fd = 1, .mode = 2}},
    {"fchmodat", 268, 306, 53, {.kind = AA_CHMOD, .dir = 1, .path = 2, .mode = 3}},
    {"fchmodat2", 452, 452, 452, {.kind = AA_CHMOD, .dir = 1, .path = 2, .flags = 4, .mode = 3}, kRecent},

    {"chown", 92, kNone, kNone, {.kind = AA_CHOWN, .path = 1, .owner = 2}},
    {"chown32", kNone, 212, kNone, {.kind = AA_CHOWN, .path = 1, .owner = 2}},
    {"chown", kNone, 182, kNone, {.kind = AA_CHOWN, .path = 1, .owner = 2, .traits = AA_CALL_SHORT_IDS}},
    {"lchown", 94, kNone, kNone, {.kind = AA_CHOWN, .path = 1, .owner = 2}},
    {"lchown32", kNone, 198, kNone, {.kind = AA_CHOWN, .path = 1, .owner = 2}},
    {"lchown", kNone, 16, kNone, {.kind = AA_CHOWN, .path = 1, .owner = 2, .traits = AA_CALL_SHORT_IDS}},
    {"fchown", 93, kNone, 55, {.kind = AA_CHOWN, .fd = 1, .owner = 2}},
    {"fchown32", kNone, 207, kNone, {.kind = AA_CHOWN, .fd = 1, .owner = 2}},
    {"fchown", kNone, 95, kNone, {.kind = AA_CHOWN, .fd = 1, .owner = 2, .traits = AA_CALL_SHORT_IDS}},
    {"fchownat", 260, 298, 54, {.kind = AA_CHOWN, .dir = 1, .path = 2, .flags = 5, .owner = 3}},

    {"truncate", 76, 92, 45, {.kind = AA_TRUNCATE, .path = 1, .size = 2}},
    {"truncate64", kNone, 193, kNone, {.kind = AA_TRUNCATE, .path = 1, .size = 2, .traits = AA_CALL_WIDE}},
    {"ftruncate", 77, 93, 46, {.kind = AA_TRUNCATE, .fd = 1, .size = 2}},
    {"ftruncate64", kNone, 194, kNone, {.kind = AA_TRUNCATE, .fd = 1, .size = 2, .traits = AA_CALL_WIDE}},
    {"fallocate", 285, kNone, 47, {.kind = AA_TRUNCATE, .fd = 1, .flags = 2, .size = 4}},
    {"fallocate", kNone, 324, kNone, kAllocateWide},

    {"utime", 132, 30, kNone, {.kind = AA_UTIME, .path = 1}},
    {"utimes", 235, 271, kNone, {.kind = AA_UTIME, .path = 1}},
    {"futimesat", 261, 299, kNone, {.kind = AA_UTIME, .dir = 1, .path = 2, .traits = AA_CALL_NULL_IS_DIR}},
    {"utimensat", 280, 320, 88, kTimesAt},
    {"utimensat_time64", kNone, 412, kNone, kTimesAt},

    {"setxattr", 188, 226, 5, {.kind = AA_XATTR, .path = 1, .text = 2}},
    {"lsetxattr", 189, 227, 6, {.kind = AA_XATTR, .path = 1, .text = 2}},
    {"fsetxattr", 190, 228, 7, {.kind = AA_XATTR, .text = 2, .fd = 1}},
    {"setxattrat", 463, 463, 463, kXattrAt, kRecent},
    {"removexattr", 197, 235, 14, {.kind = AA_XATTR, .path = 1, .text = 2, .traits = AA_CALL_REMOVE}},
    {"lremovexattr", 198, 236, 15, {.kind = AA_XATTR, .path = 1, .text = 2, .traits = AA_CALL_REMOVE}},
    {"fremovexattr", 199, 237, 16, {.kind = AA_XATTR, .text = 2, .fd = 1, .traits = AA_CALL_REMOVE}},
    {"removexattrat", 466, 466, 466, with(AA_CALL_REMOVE, kXattrAt), kRecent},

    {"mmap", 9, kNone, 222, kMap},
    {"mmap2", kNone, 192, kNone, kMap},
    {"mmap", kNone, 90, kNone, with(AA_CALL_INDIRECT, kMap)},

    // preadv and its like take the offset as pos_l, pos_h on every machine. Where `long` has 64 bits pos_l is all of it
    // and pos_h is shifted out (pos_from_hilo(), fs/read_write.c); for i386 they are halves, as those of pread64 are.
    {"read", 0, 3, 63, {.kind = AA_READ, .fd = 1}},
    {"readv", 19, 145, 65, {.kind = AA_READ, .fd = 1}},
    {"pread64", 17, kNone, 67, {.kind = AA_READ, .fd = 1, .offset = 4}},
    {"pread64", kNone, 180, kNone, {.kind = AA_READ, .fd = 1, .offset = 4, .traits = AA_CALL_WIDE}},
    {"preadv", 295, kNone, 69, {.kind = AA_READ, .fd = 1, .offset = 4}},
    {"preadv", kNone, 333, kNone, {.kind = AA_READ, .fd = 1, .offset = 4, .traits = AA_CALL_WIDE}},
    {"preadv2", 327, kNone, 286, {.kind = AA_READ, .fd = 1, .offset = 4}},
    {"preadv2", kNone, 378, kNone, {.kind = AA_READ, .fd = 1, .offset = 4, .traits = AA_CALL_WIDE}},
    {"write", 1, 4, 64, {.kind = AA_READ, .new_fd = 1}},
    {"writev", 20, 146, 66, {.kind = AA_READ, .new_fd = 1}},
    {"pwrite64", 18, kNone, 68, {.kind = AA_READ, .new_fd = 1, .new_offset = 4}},
    {"pwrite64", kNone, 181, kNone, {.kind = AA_READ, .new_fd = 1, .new_offset = 4, .traits = AA_CALL_WIDE}},
    {"pwritev", 296, kNone, 70, {.kind = AA_READ, .new_fd = 1, .new_offset = 4}},
    {"pwritev", kNone, 334, kNone, {.kind = AA_READ, .new_fd = 1, .new_offset = 4, .traits = AA_CALL_WIDE}},
    {"pwritev2", 328, kNone, 287, {.kind = AA_READ, .new_fd = 1, .new_offset = 4}},
    {"pwritev2", kNone, 379, kNone, {.kind = AA_READ, .new_fd = 1, .new_offset = 4, .traits = AA_CALL_WIDE}},
    {"sendfile", 40, kNone, 71, kSend, {.name = "sendfile64"}},
    {"sendfile64", kNone, 239, kNone, kSend},
    {"sendfile", kNone, 187, kNone, with(AA_CALL_SHORT_OFFSET, kSend)},
    {"copy_file_range", 326, 377, 285, kCopy},
    {"splice", 275, 313, 76, kCopy},
    {"vmsplice", 278, 316, 75, {.kind = AA_READ, .fd = 1, .new_fd = 1, .traits = AA_CALL_EITHER}},

    {"close", 3, 6, 57, {.kind = AA_CLOSE, .fd = 1}},
    {"dup2", 33, 63, kNone, {.kind = AA_CLOSE, .fd = 1, .new_fd = 2}},
    {"dup3", 292, 330, 24, {.kind = AA_CLOSE, .fd = 1, .new_fd = 2, .flags = 3}},
    {"close_range", 436, 436, 436, {.kind = AA_CLOSE, .fd = 1, .new_fd = 2, .flags = 3, .traits = AA_CALL_RANGE}},
};

}  // namespace

std::vector<SyscallRow> syscall_rows(Machine machine) {
  std::vector<SyscallRow> rows;
  const auto add = [&rows](aa_abi abi, int Call::*number) {
    for (const Call& entry : kCalls)
      if (entry.*number != kNone)
        rows.push_back({abi, static_cast<std::uint32_t>(entry.*number), entry.name, entry.call, entry.function});
  };
  if (machine == Machine::kX86_64) {
    add(AA_NATIVE, &Call::x86_64);
    add(AA_COMPAT32, &Call::i386);
  } else {
    add(AA_NATIVE, &Call::arm64);
  }
  return rows;
}

}  // namespace aa
