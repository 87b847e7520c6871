// SPDX-License-Identifier: MIT OR Apache-2.0
#include "rules/shells.hpp"

#include <algorithm>

#include "base/path_text.hpp"

namespace aa {
namespace {

constexpr Shell kShells[] = {
    {"sh", Level::kCritical},      {"bash", Level::kCritical},  {"dash", Level::kCritical},
    {"zsh", Level::kCritical},     {"csh", Level::kCritical},   {"ksh", Level::kCritical},
    {"tcsh", Level::kCritical},    {"fish", Level::kCritical},  {"ash", Level::kCritical},
    {"busybox", Level::kCritical}, {"curl", Level::kCritical},  {"wget", Level::kCritical},
    {"nc", Level::kCritical},      {"ncat", Level::kCritical},  {"netcat", Level::kCritical},
    {"socat", Level::kCritical},   {"python", Level::kWarning}, {"perl", Level::kWarning},
    {"ruby", Level::kWarning},     {"php", Level::kWarning},    {"lua", Level::kWarning},
    {"node", Level::kWarning},     {"nodejs", Level::kWarning}, {"deno", Level::kWarning},
    {"bun", Level::kWarning},      {"pwsh", Level::kWarning},
};

constexpr std::string_view kVersionBytes = "0123456789.";
// What Debian calls one of several that can be installed beside each other.
constexpr std::string_view kVariants[] = {".openbsd", ".traditional", "-static"};

// "3.11", "-5.9", "5.36-x86_64-linux-gnu", ".openbsd"
bool is_version(std::string_view rest) {
  if (rest.empty() || std::find(std::begin(kVariants), std::end(kVariants), rest) != std::end(kVariants)) return true;
  if (rest.starts_with('-')) rest.remove_prefix(1);
  if (rest.empty() || rest[0] < '0' || rest[0] > '9') return false;
  const std::size_t end = rest.find_first_not_of(kVersionBytes);
  return end == std::string_view::npos || rest[end] == '-';
}

}  // namespace

std::optional<Shell> find_shell(std::string_view path) {
  const std::string_view name = base_name(path);
  for (const Shell& shell : kShells)
    if (name.starts_with(shell.name) && is_version(name.substr(shell.name.size()))) return shell;
  return std::nullopt;
}

}  // namespace aa
