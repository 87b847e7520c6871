// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A path rule as the user wrote it (aa-trace(1), RULES).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace aa {

enum class Level : std::uint8_t { kInfo, kWarning, kCritical };

enum class RuleKind : std::uint8_t { kAllow, kDeny, kSensitive };

struct Rule {
  RuleKind kind = RuleKind::kSensitive;
  Level level = Level::kWarning;  // of what it reports; without meaning for kAllow
  std::string pattern;
};

// Of a rule that does not say.
constexpr Level default_level(RuleKind kind) { return kind == RuleKind::kDeny ? Level::kCritical : Level::kWarning; }

// "info", "warning", "critical".
std::string_view level_name(Level level);
std::optional<Level> parse_level(std::string_view name);
// "allow", "deny", "sensitive".
std::string_view rule_kind_name(RuleKind kind);
std::optional<RuleKind> parse_rule_kind(std::string_view name);

}  // namespace aa
