// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A path rule as the user wrote it (aa-trace(1), RULES).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "event/level.hpp"

namespace aa {

enum class RuleKind : std::uint8_t { kAllow, kDeny, kSensitive, kHide };

struct Rule {
  RuleKind kind = RuleKind::kSensitive;
  Level level = Level::kWarning;  // of what it reports; without meaning for kAllow and kHide
  std::string pattern;
  // kHide
  bool only_reads = false;  // changes are told all the same
  bool certain = false;     // no alert that is not one of another rule can come of it
};

// Of a rule that does not say.
constexpr Level default_level(RuleKind kind) { return kind == RuleKind::kDeny ? Level::kCritical : Level::kWarning; }

// Does it say which events are not told, and not which are alerts?
constexpr bool leaves_out(RuleKind kind) { return kind == RuleKind::kAllow || kind == RuleKind::kHide; }

// "allow", "deny", "sensitive", "hide".
std::string_view rule_kind_name(RuleKind kind);
std::optional<RuleKind> parse_rule_kind(std::string_view name);

}  // namespace aa
