// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What is left of a plan that the kernel does not take.
#include "plan/hook_plan.hpp"

#include <doctest/doctest.h>

namespace aa::test {
namespace {

HookPlan plan(Engine engine, bool names) {
  HookPlan plan{.engine = {engine, "chosen"}};
  if (engine == Engine::kFexit) plan.functions.returns = {"__x64_sys_unlink"};
  if (names) plan.name_hooks = {{.program = "path_unlink", .function = "path_unlink", .lsm = true}};
  return plan;
}

std::vector<std::string> texts(const HookPlan& whole, Engine asked) {
  std::vector<std::string> texts;
  for (const HookPlan& easier : easier_plans(whole, asked, "refused")) {
    texts.push_back(plan_text(easier));
    const bool changed = easier.engine.engine != whole.engine.engine;
    CHECK(easier.engine.reason == (changed ? "refused" : "chosen"));
    CHECK(easier.functions.returns.empty() == (easier.engine.engine == Engine::kTracepoint));
  }
  return texts;
}

TEST_CASE("hook plan: first without names, then without an engine that nobody asked for, then without both") {
  using Texts = std::vector<std::string>;
  const std::string lexical = "the callers' names", resolved = "names as the kernel resolves them";
  CHECK(texts(plan(Engine::kFexit, true), Engine::kAuto) ==
        Texts{"engine fexit, " + lexical, "engine tracepoint, " + resolved, "engine tracepoint, " + lexical});
  CHECK(texts(plan(Engine::kFexit, false), Engine::kAuto) == Texts{"engine tracepoint, " + lexical});
  CHECK(texts(plan(Engine::kFexit, true), Engine::kFexit) == Texts{"engine fexit, " + lexical});
  CHECK(texts(plan(Engine::kFexit, false), Engine::kFexit).empty());
  CHECK(texts(plan(Engine::kTracepoint, true), Engine::kAuto) == Texts{"engine tracepoint, " + lexical});
  CHECK(texts(plan(Engine::kTracepoint, true), Engine::kTracepoint) == Texts{"engine tracepoint, " + lexical});
  CHECK(texts(plan(Engine::kTracepoint, false), Engine::kAuto).empty());
}

}  // namespace
}  // namespace aa::test
