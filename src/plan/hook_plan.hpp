// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Which of the optional hooks a trace will have on this kernel, and why.
#pragma once

#include <string>
#include <vector>

#include "kernel/kernel_types.hpp"
#include "plan/engine.hpp"
#include "plan/resolved_names.hpp"

namespace aa {

struct HookPlan {
  EngineChoice engine;
  CallFunctions functions = {};           // of the fexit engine
  std::vector<NameHook> name_hooks = {};  // empty: names are the callers' strings
};

// Pure. What is left, best first, if the kernel refuses some of a plan (`refusal` says why): without hooks for names,
// and without fexit unless that was asked for.
std::vector<HookPlan> easier_plans(const HookPlan& plan, Engine asked, const std::string& refusal);

// "engine tracepoint, the callers' names"
std::string plan_text(const HookPlan& plan);

// Asks the kernel what it offers. Errors: of choose_engine().
// `pid_level`: of aa-trace's pid namespace, 0 the initial one.
Result<HookPlan> plan_hooks(const Selection& selection, Engine asked, const KernelTypes& types, unsigned pid_level);

}  // namespace aa
