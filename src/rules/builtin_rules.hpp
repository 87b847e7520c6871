// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The rules that hold unless --no-default-rules is given.
#pragma once

#include <vector>

#include "rules/rule.hpp"

namespace aa {

std::vector<Rule> builtin_rules();

}  // namespace aa
