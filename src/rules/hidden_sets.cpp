// SPDX-License-Identifier: MIT OR Apache-2.0
#include "rules/hidden_sets.hpp"

#include "base/format.hpp"
#include "rules/pattern.hpp"

namespace aa {

bool is_hidden_set(std::string_view name) {
  return name == kHideSystem || name == kHideRuntime || name == kHideNothing;
}

Status check_rule_pattern(RuleKind kind, std::string_view pattern) {
  if (kind == RuleKind::kHide && is_hidden_set(pattern)) return Done{};
  const auto parsed = parse_pattern(pattern.substr(pattern.starts_with("~/")));
  if (parsed) return Done{};
  if (kind == RuleKind::kHide && pattern.starts_with('@'))
    return Error{fmt::format("'{}' is not @system or @runtime (of several, one --hide for each)", pattern),
                 ExitCode::kUsage};
  return parsed.error();
}

std::vector<Rule> default_hiding(bool is_short) {
  if (!is_short) return {};
  return {{.kind = RuleKind::kHide, .pattern = std::string(kHideSystem)}};
}

std::vector<Rule> expand_hiding(const std::vector<Rule>& rules, bool certain) {
  std::vector<Rule> expanded;
  const auto add = [&expanded](std::span<const HiddenPattern> patterns) {
    for (const HiddenPattern& row : patterns)
      expanded.push_back({.kind = RuleKind::kHide, .pattern = row.pattern, .only_reads = true, .certain = false});
  };
  for (const Rule& rule : rules) {
    if (rule.pattern == kHideNothing) {
      expanded.clear();
    } else if (rule.pattern == kHideSystem) {
      add(system_patterns());
    } else if (rule.pattern == kHideRuntime) {
      add(runtime_patterns());
    } else {
      expanded.push_back(rule);
      expanded.back().certain = certain;
    }
  }
  return expanded;
}

}  // namespace aa
