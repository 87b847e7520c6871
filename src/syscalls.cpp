// SPDX-License-Identifier: MIT OR Apache-2.0
#include "syscalls.hpp"

#include <sys/syscall.h>

namespace aa {
namespace {

#if defined(__x86_64__)
// arch/x86/entry/syscalls/syscall_32.tbl
constexpr std::uint32_t kCompatExecve = 11, kCompatExecveat = 358;
#endif

constexpr SyscallRow kTable[] = {
    {AA_NATIVE, SYS_execve, {.kind = AA_EXEC, .path = 1, .argv = 2}},
    {AA_NATIVE, SYS_execveat, {.kind = AA_EXEC, .path = 2, .argv = 3}},
#if defined(__x86_64__)
    {AA_COMPAT32, kCompatExecve, {.kind = AA_EXEC, .path = 1, .argv = 2}},
    {AA_COMPAT32, kCompatExecveat, {.kind = AA_EXEC, .path = 2, .argv = 3}},
#endif
};

}  // namespace

std::span<const SyscallRow> syscall_table() { return kTable; }

}  // namespace aa
