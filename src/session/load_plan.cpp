// SPDX-License-Identifier: MIT OR Apache-2.0
#include "session/load_plan.hpp"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <algorithm>
#include <string_view>

#include "config.h"

#include "aa_trace.skel.h"  // needs the types of config.h

namespace aa {
namespace {

// A program on a function of the kernel. The trampolines attach it.
void aim(bpf_program* program, const std::string& function) {
  bpf_program__set_autoload(program, true);
  bpf_program__set_autoattach(program, false);
  bpf_program__set_attach_target(program, 0, function.c_str());
}

void choose_call_programs(const aa_trace_bpf& skeleton, const Selection& selection, const HookPlan& plan) {
  const auto& programs = skeleton.progs;
  if (plan.engine.engine == Engine::kTracepoint) {
    bpf_program__set_autoload(programs.syscall_exit, needs_syscall_exit(selection));
    bpf_program__set_autoload(programs.syscall_enter, needs_syscall_enter(selection));
    return;
  }
  for (const SharedCalls& calls : shared_calls(skeleton, plan.functions)) {
    if (calls.functions->empty()) continue;
    aim(calls.copied, calls.functions->front());
    aim(calls.shared, calls.functions->front());
  }
  for (bpf_program* program : compat_programs(skeleton, plan.functions)) aim(program, kCompatFunction);
}

void choose_name_program(const bpf_object* object, const NameHook& hook) {
  bpf_program* program = bpf_object__find_program_by_name(object, hook.program);
  if (hook.lsm) {
    bpf_program__set_type(program, BPF_PROG_TYPE_LSM);
    bpf_program__set_expected_attach_type(program, BPF_LSM_MAC);
  }
  aim(program, hook.function);
}

void choose_uring_programs(const aa_trace_bpf& skeleton, const Selection& selection, const char* submit) {
  const auto& programs = skeleton.progs;
  const bool wanted = submit && needs_uring(selection);
  for (bpf_program* program : {programs.uring_submit, programs.uring_complete, programs.uring_fail_link,
                               programs.uring_overflow, programs.uring_refused})
    bpf_program__set_autoload(program, wanted);
  if (wanted) bpf_program__set_attach_target(programs.uring_submit, 0, submit);
}

}  // namespace

std::array<SharedCalls, 3> shared_calls(const aa_trace_bpf& skeleton, const CallFunctions& functions) {
  const auto& programs = skeleton.progs;
  return {
      {{programs.return_gate, programs.return_body, skeleton.maps.on_return, &functions.returns},
       {programs.weak_return_gate, programs.weak_return_body, skeleton.maps.on_weak_return, &functions.weak_returns},
       {programs.entry_gate, programs.entry_body, skeleton.maps.on_entry, &functions.entries}}};
}

std::vector<bpf_program*> compat_programs(const aa_trace_bpf& skeleton, const CallFunctions& functions) {
  if (!functions.compat) return {};
  if (functions.entries.empty()) return {skeleton.progs.compat_return};
  return {skeleton.progs.compat_return, skeleton.progs.compat_entry};
}

void choose_programs(const aa_trace_bpf& skeleton, const Selection& selection, const KernelFeatures& features,
                     const HookPlan& plan) {
  choose_call_programs(skeleton, selection, plan);
  choose_uring_programs(skeleton, selection, features.uring_submit);
  for (const NameHook& hook : plan.name_hooks) choose_name_program(skeleton.obj, hook);
}

std::vector<int> counted_programs(const aa_trace_bpf& skeleton, const HookPlan& plan) {
  std::vector<int> fds;
  bpf_program* program;
  bpf_object__for_each_program(program, skeleton.obj) {
    const std::string_view name = bpf_program__name(program);
    const bool tells_names = std::any_of(plan.name_hooks.begin(), plan.name_hooks.end(),
                                         [name](const NameHook& hook) { return hook.program == name; });
    if (bpf_program__fd(program) >= 0 && !tells_names) fds.push_back(bpf_program__fd(program));
  }
  return fds;
}

std::uint64_t skipped_runs(const std::vector<int>& program_fds) {
  std::uint64_t skipped = 0;
  for (const int fd : program_fds) {
    bpf_prog_info info{};
    __u32 size = sizeof info;
    if (bpf_obj_get_info_by_fd(fd, &info, &size) == 0) skipped += info.recursion_misses;
  }
  return skipped;
}

}  // namespace aa
