// SPDX-License-Identifier: MIT OR Apache-2.0
#include "rules/rule.hpp"

#include <algorithm>
#include <iterator>

namespace aa {
namespace {

// In the order of the enumeration.
constexpr std::string_view kKinds[] = {"allow", "deny", "sensitive", "hide"};

}  // namespace

std::string_view rule_kind_name(RuleKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

std::optional<RuleKind> parse_rule_kind(std::string_view name) {
  const auto found = std::find(std::begin(kKinds), std::end(kKinds), name);
  if (found == std::end(kKinds)) return std::nullopt;
  return static_cast<RuleKind>(found - std::begin(kKinds));
}

}  // namespace aa
