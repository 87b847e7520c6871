// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/preemption.hpp"

#include <sys/utsname.h>

#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>

namespace aa {
namespace {

constexpr std::string_view kOption = "preempt=";
constexpr int kOptionMayBeIgnored = 7;  // 7dadeaa6e851, "sched: Further restrict the preemption modes"

// What comes behind `begin`, up to one of `ends`.
std::string_view between(std::string_view text, std::string_view begin, std::string_view ends) {
  const std::size_t at = text.rfind(begin);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + begin.size());
  return text.substr(0, text.find_first_of(ends));
}

std::optional<Preemption> preemption_named(std::string_view mode) {
  if (mode == "none" || mode == "voluntary") return Preemption::kNone;
  if (mode == "full" || mode == "lazy") return Preemption::kFull;
  return std::nullopt;
}

std::string first_line(const char* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

}  // namespace

Preemption preemption_of(const PreemptionFacts& facts) {
  if (facts.version.find("PREEMPT") == std::string_view::npos) return Preemption::kNone;
  if (facts.version.find("PREEMPT_DYNAMIC") == std::string_view::npos) return Preemption::kFull;
  if (const auto mode = preemption_named(between(facts.choice, "(", ")"))) return *mode;
  // " preempt=", not "rcu_preempt="
  const std::string spaced = " " + std::string(facts.command_line);
  const auto asked = preemption_named(between(spaced, " " + std::string(kOption), " \n"));
  if (asked == Preemption::kNone && facts.major >= kOptionMayBeIgnored) return Preemption::kUnknown;
  return asked.value_or(Preemption::kUnknown);
}

Preemption running_preemption() {
  utsname name{};
  uname(&name);
  const std::string choice = first_line("/sys/kernel/debug/sched/preempt"), command_line = first_line("/proc/cmdline");
  return preemption_of({.version = name.version,
                        .choice = choice,
                        .command_line = command_line,
                        .major = static_cast<int>(std::strtol(name.release, nullptr, 10))});
}

}  // namespace aa
