// SPDX-License-Identifier: MIT OR Apache-2.0
#include "plan/hook_plan.hpp"

#include <algorithm>
#include <fstream>

#include "base/format.hpp"
#include "kernel/release.hpp"
#include "kernel/trampoline_support.hpp"

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

EngineFacts engine_facts(const CallFunctions& functions, bool trampolines, const KernelTypes& types,
                         unsigned pid_level) {
  EngineFacts facts{.trampolines = trampolines,
                    .may_hang = trampolines_may_hang(running_kernel(), pid_level),
                    .missing = {},
                    .preemption = running_preemption()};
  for (const std::string& function : functions.returns)
    if (!types.function(function)) facts.missing.push_back(function);
  if (functions.compat && !types.function(kCompatFunction)) facts.missing.push_back(kCompatFunction);
  return facts;
}

}  // namespace

std::vector<HookPlan> easier_plans(const HookPlan& plan, Engine asked, const std::string& refusal) {
  std::vector<HookPlan> plans;
  if (!plan.name_hooks.empty()) plans.push_back({.engine = plan.engine, .functions = plan.functions});
  if (plan.engine.engine == Engine::kTracepoint || asked != Engine::kAuto) return plans;
  const EngineChoice tracepoint{Engine::kTracepoint, refusal};
  if (!plan.name_hooks.empty()) plans.push_back({.engine = tracepoint, .name_hooks = plan.name_hooks});
  plans.push_back({.engine = tracepoint});
  return plans;
}

std::string plan_text(const HookPlan& plan) {
  return fmt::format("engine {}, {}", engine_name(plan.engine.engine),
                     plan.name_hooks.empty() ? "the callers' names" : "names as the kernel resolves them");
}

Result<HookPlan> plan_hooks(const Selection& selection, Engine asked, const KernelTypes& types, unsigned pid_level) {
  HookPlan plan;
  const bool trampolines = has_trampolines(types);
  if (trampolines)
    plan.functions =
        call_functions(selection, kThisMachine, [&types](std::string_view name) { return types.function(name); });
  const EngineFacts facts = engine_facts(plan.functions, trampolines, types, pid_level);
  auto engine = choose_engine(asked, facts);
  if (!engine) return engine.error();
  part_by_prototype(plan.functions, types);
  plan.engine = std::move(*engine);
  if (facts.may_hang || !names_are_certain(plan.engine.engine, facts.preemption, running_kernel())) return plan;
  plan.name_hooks = choose_name_hooks(
      selection, {.trampolines = trampolines,
                  .bpf_lsm = trampolines && is_security_module("bpf"),
                  .parameters = [&types](std::string_view name) { return types.function_parameters(name); }});
  return plan;
}

}  // namespace aa
