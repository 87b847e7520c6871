// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What --hide has names for: files that programs read without their user having asked for it.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "rules/rule.hpp"

namespace aa {

struct HiddenPattern {
  const char* pattern;  // as in a rule
  const char* from;     // the distribution or tool that has it there
};

constexpr std::string_view kHideSystem = "@system", kHideRuntime = "@runtime", kHideNothing = "none";

// Loader, libraries, locale, ...: of any program. Of interpreters and package managers: their own trees and caches.
std::span<const HiddenPattern> system_patterns();
std::span<const HiddenPattern> runtime_patterns();

// "@system", "@runtime", "none".
bool is_hidden_set(std::string_view name);

// Errors: no pattern, nor, of a hide rule, one of these names.
Status check_rule_pattern(RuleKind kind, std::string_view pattern);

// What is hidden if nothing is said.
std::vector<Rule> default_hiding(bool is_short);

// Of hide rules in their order: names replaced by the patterns that they stand for, of which only reads are hidden;
// `none` takes away what stands before it. Nothing else can be told of what is hidden by patterns, so that the kernel
// may drop it, if `certain`.
std::vector<Rule> expand_hiding(const std::vector<Rule>& rules, bool certain);

}  // namespace aa
