// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The file of --rules: one rule a line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "rules/rule.hpp"

namespace aa {

// `allow|deny|sensitive|hide PATTERN [info|warning|critical]`; empty lines and what follows a `#` do not count. In a
// pattern white space needs a `\` before it. `name` is for the errors, which name the line, "FILE:12: reason", and show
// nothing of one that does not begin as a rule.
Result<std::vector<Rule>> parse_rules(std::string_view text, std::string_view name);

// Errors: what cannot be read, or is no regular file of text; those of parse_rules().
Result<std::vector<Rule>> read_rules(const std::string& file);

}  // namespace aa
