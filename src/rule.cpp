// SPDX-License-Identifier: MIT OR Apache-2.0
#include "rule.hpp"

#include <algorithm>
#include <array>

namespace aa {
namespace {

// In the order of the enumerations.
constexpr std::array<std::string_view, 3> kLevels = {"info", "warning", "critical"};
constexpr std::array<std::string_view, 3> kKinds = {"allow", "deny", "sensitive"};

template <typename Value>
std::optional<Value> find(const std::array<std::string_view, 3>& names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Value>(found - names.begin());
}

}  // namespace

std::string_view level_name(Level level) { return kLevels[static_cast<std::size_t>(level)]; }
std::optional<Level> parse_level(std::string_view name) { return find<Level>(kLevels, name); }
std::string_view rule_kind_name(RuleKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }
std::optional<RuleKind> parse_rule_kind(std::string_view name) { return find<RuleKind>(kKinds, name); }

}  // namespace aa
