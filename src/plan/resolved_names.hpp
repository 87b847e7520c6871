// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Hooks that tell names as the kernel resolved them, and what it opened: which program goes where. Each is optional:
// without it the events have the caller's string, and of an open what is under its number when it returns.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/preemption.hpp"
#include "kernel/release.hpp"
#include "plan/engine.hpp"
#include "plan/selection.hpp"

namespace aa {

// What a name hook needs of the kernel.
struct NameHookFacts {
  bool trampolines = false;  // the kernel runs programs on its functions
  bool bpf_lsm = false;      // bpf is one of the active security modules
  // Parameters of a kernel function; -1: there is none of this name. A security hook's function is bpf_lsm_NAME.
  std::function<int(std::string_view)> parameters;
};

// Pure. Can hooks tell names for sure? What one left must be taken away at the end of each call, or a later call of the
// task would have it. The end is not seen where fexit skips it, nor before 6.2 where the kernel refuses to look into
// the storage of a task while another one was preempted in there (bpf_task_storage_trylock() in
// kernel/bpf/bpf_task_storage.c). Before 5.17 there is no bpf_loop(), and each hook would take too long to verify.
bool names_are_certain(Engine engine, Preemption preemption, const KernelRelease& release);

struct NameHook {
  const char* program;   // in the skeleton
  std::string function;  // of the kernel; of a security hook without the bpf_lsm_
  bool lsm = false;
};

// Pure: the first that the kernel has of each program's alternatives, for what the selection asks for.
std::vector<NameHook> choose_name_hooks(const Selection& selection, const NameHookFacts& facts);
// "lsm/path_unlink"
std::string hook_name(const NameHook& hook);
// The hooks that tell the names of this kind of event.
std::vector<NameHook> name_hooks_of(aa_kind kind, const std::vector<NameHook>& hooks);

}  // namespace aa
