// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Which programs of the skeleton a trace loads, and where they go.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "kernel/features.hpp"
#include "plan/hook_plan.hpp"

struct aa_trace_bpf;
struct bpf_map;
struct bpf_program;

namespace aa {

// Between open and load.
void choose_programs(const aa_trace_bpf& skeleton, const Selection& selection, const KernelFeatures& features,
                     const HookPlan& plan);

// Functions whose programs go on to one that all of them share.
struct SharedCalls {
  bpf_program* copied;
  bpf_program* shared;
  const bpf_map* way;  // from the copies to the shared one
  const std::vector<std::string>* functions;
};

// All borrowed. Without functions: not loaded.
std::array<SharedCalls, 3> shared_calls(const aa_trace_bpf& skeleton, const CallFunctions& functions);
std::vector<bpf_program*> compat_programs(const aa_trace_bpf& skeleton, const CallFunctions& functions);

// The programs of the skeleton whose skipped runs are lost events: all that are loaded but those that only tell names.
std::vector<int> counted_programs(const aa_trace_bpf& skeleton, const HookPlan& plan);

// How often the kernel did not run one of these programs, because it was in it already on that CPU
// (bpf_prog_info.recursion_misses; of tracepoints from 6.2 on): of calls by any process. Costs a system call each.
std::uint64_t skipped_runs(const std::vector<int>& program_fds);

}  // namespace aa
