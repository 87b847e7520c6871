// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Which programs of the skeleton a trace loads, and where they go.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "hook_plan.hpp"
#include "kernel.hpp"

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

}  // namespace aa
