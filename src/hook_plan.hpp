// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Which of the optional hooks a trace will have on this kernel, and why.
#pragma once

#include <string>
#include <vector>

#include "engine.hpp"
#include "kernel_types.hpp"
#include "name_hooks.hpp"

namespace aa {

struct HookPlan {
  EngineChoice engine;
  CallFunctions functions = {};           // of the fexit engine
  std::vector<NameHook> name_hooks = {};  // empty: names are the callers' strings
};

// Can a trace do without what is more than sys_exit in it?
bool is_optional(const HookPlan& plan, Engine asked);

// Asks the kernel what it offers. Errors: of choose_engine().
Result<HookPlan> plan_hooks(const Selection& selection, Engine asked, const KernelTypes& types);

}  // namespace aa
