// SPDX-License-Identifier: MIT OR Apache-2.0
#include "plan/engine.hpp"

#include <algorithm>

#include "base/format.hpp"

namespace aa {
namespace {

// SYSCALL_DEFINE in arch/x86/include/asm/syscall_wrapper.h, arch/arm64/include/asm/syscall_wrapper.h
std::string_view function_prefix(Machine machine) {
  return machine == Machine::kX86_64 ? "__x64_sys_" : "__arm64_sys_";
}

std::string function_of(Machine machine, const SyscallRow& row) {
  return fmt::format("{}{}", function_prefix(machine), row.function.name.empty() ? row.name : row.function.name);
}

struct NamedEngine {
  Engine engine;
  std::string_view name;
};
constexpr NamedEngine kEngines[] = {
    {Engine::kAuto, "auto"}, {Engine::kTracepoint, "tracepoint"}, {Engine::kFexit, "fexit"}};

}  // namespace

std::string_view engine_name(Engine engine) {
  return std::find_if(std::begin(kEngines), std::end(kEngines),
                      [engine](const NamedEngine& named) { return named.engine == engine; })
      ->name;
}

std::optional<Engine> engine_named(std::string_view name) {
  for (const NamedEngine& named : kEngines)
    if (named.name == name) return named.engine;
  return std::nullopt;
}

CallFunctions call_functions(const Selection& selection, Machine machine,
                             const std::function<bool(std::string_view)>& has) {
  CallFunctions functions;
  for (const SyscallRow& row : syscall_rows(machine)) {
    if (!needs_call(selection, row.call)) continue;
    if (row.abi == AA_COMPAT32) {
      functions.compat = has(kCompatCall);
      continue;
    }
    const std::string function = function_of(machine, row);
    if (!row.function.always && !has(function)) continue;
    functions.returns.push_back(function);
    if (row.call.kind == AA_CLOSE && needs_syscall_enter(selection)) functions.entries.push_back(function);
  }
  return functions;
}

Result<EngineChoice> choose_engine(Engine asked, const EngineFacts& facts) {
  std::string obstacle;
  if (!facts.trampolines) obstacle = "the kernel does not run programs on its functions (fexit) here";
  else if (facts.may_hang)
    obstacle = "before Linux 6.10 the kernel can hang if a pid namespace ends that has hooks on its functions";
  else if (!facts.missing.empty())
    obstacle = fmt::format("the kernel has no function {}", fmt::join(facts.missing, ", "));
  switch (asked) {
    case Engine::kTracepoint: return EngineChoice{Engine::kTracepoint, "asked for"};
    case Engine::kFexit:
      if (!obstacle.empty()) return Error{fmt::format("--engine fexit: {} (use --engine tracepoint)", obstacle)};
      return EngineChoice{Engine::kFexit, "asked for"};
    case Engine::kAuto: break;
  }
  if (!obstacle.empty()) return EngineChoice{Engine::kTracepoint, obstacle};
  switch (facts.preemption) {
    case Preemption::kNone:
      return EngineChoice{Engine::kFexit, "costs nothing on other calls, and the kernel does not preempt its own code"};
    case Preemption::kFull:
      return EngineChoice{Engine::kTracepoint, "the kernel preempts its own code: fexit would lose events"};
    case Preemption::kUnknown: break;
  }
  return EngineChoice{Engine::kTracepoint, "it is not known whether the kernel preempts its own code"};
}

}  // namespace aa
