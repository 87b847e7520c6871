// SPDX-License-Identifier: MIT OR Apache-2.0
#include "preemption.hpp"

#include <sys/utsname.h>

#include <fstream>
#include <optional>
#include <string>

namespace aa {
namespace {

constexpr std::string_view kOption = "preempt=";

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

Preemption preemption_of(std::string_view version, std::string_view choice, std::string_view command_line) {
  if (version.find("PREEMPT") == std::string_view::npos) return Preemption::kNone;
  if (version.find("PREEMPT_DYNAMIC") == std::string_view::npos) return Preemption::kFull;
  if (const auto mode = preemption_named(between(choice, "(", ")"))) return *mode;
  // " preempt=", not "rcu_preempt="
  const std::string spaced = " " + std::string(command_line);
  return preemption_named(between(spaced, " " + std::string(kOption), " \n")).value_or(Preemption::kUnknown);
}

Preemption running_preemption() {
  utsname name{};
  uname(&name);
  return preemption_of(name.version, first_line("/sys/kernel/debug/sched/preempt"), first_line("/proc/cmdline"));
}

}  // namespace aa
