// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The pid namespace that aa-trace is in: all pids are those of this one.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/log.hpp"
#include "base/result.hpp"
#include "kernel/kernel_types.hpp"

namespace aa {

struct PidNamespace {
  std::uint32_t level = 0;    // 0: the initial one
  std::uint64_t address = 0;  // of the kernel's struct pid_namespace; not needed for the initial one
  std::uint32_t group = 0;    // our process group, its number in the initial namespace
};

// Asks the kernel, with a BPF program where the namespace is not the initial one: needs what loading programs needs.
// The error: /proc is not there, or is that of another namespace.
Result<PidNamespace> find_pid_namespace(const KernelTypes& types, Log& log);

// Pure: does this /proc/self/status come from a /proc of the process's own namespace? There NSpid is one number; in the
// /proc of an outer one it is more (task_state() in fs/proc/array.c).
// Without the line the kernel knows no pid namespaces.
bool is_own_proc(std::string_view status);

}  // namespace aa
