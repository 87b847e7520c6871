// SPDX-License-Identifier: MIT OR Apache-2.0
#include "hook_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "trampolines.hpp"

namespace aa {
namespace {

// Comma-separated; readable where securityfs is mounted.
bool is_security_module(std::string_view name) {
  std::ifstream file("/sys/kernel/security/lsm");
  std::string modules;
  std::getline(file, modules);
  return fmt::format(",{},", modules).find(fmt::format(",{},", name)) != std::string::npos;
}

// A program can be shared by functions of one prototype, and there are programs for two.
void part_by_prototype(CallFunctions& functions, const KernelTypes& types) {
  std::vector<std::string>& all = functions.returns;
  const auto weak = std::stable_partition(all.begin(), all.end(), [&](const std::string& function) {
    return types.prototype(function) == types.prototype(all.front());
  });
  functions.weak_returns.assign(weak, all.end());
  all.erase(weak, all.end());
}

EngineFacts engine_facts(const CallFunctions& functions, bool trampolines, const KernelTypes& types) {
  EngineFacts facts{.trampolines = trampolines, .missing = {}, .preemption = running_preemption()};
  for (const std::string& function : functions.returns)
    if (!types.function(function)) facts.missing.push_back(function);
  if (functions.compat && !types.function(kCompatFunction)) facts.missing.push_back(kCompatFunction);
  return facts;
}

}  // namespace

bool is_optional(const HookPlan& plan, Engine asked) {
  if (plan.engine.engine == Engine::kFexit) return asked == Engine::kAuto;
  return !plan.name_hooks.empty();
}

Result<HookPlan> plan_hooks(const Selection& selection, Engine asked, const KernelTypes& types) {
  HookPlan plan;
  const bool trampolines = has_trampolines(types);
  if (trampolines)
    plan.functions =
        call_functions(selection, kThisMachine, [&types](std::string_view name) { return types.function(name); });
  auto engine = choose_engine(asked, engine_facts(plan.functions, trampolines, types));
  if (!engine) return engine.error();
  part_by_prototype(plan.functions, types);
  plan.engine = std::move(*engine);
  plan.name_hooks = choose_name_hooks(
      selection, {.trampolines = trampolines,
                  .bpf_lsm = trampolines && is_security_module("bpf"),
                  .parameters = [&types](std::string_view name) { return types.function_parameters(name); }});
  return plan;
}

}  // namespace aa
