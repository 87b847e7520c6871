// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The part of the path rules that the kernel knows: what it may drop, and what it must leave to user space.
#pragma once

#include <vector>

#include "base/fd.hpp"
#include "rules.h"
#include "rules/rule_set.hpp"

namespace aa {

struct KernelRule {
  aa_rule_key key;
  aa_rule rule;
};

// Empty: nothing can be dropped in the kernel. What a rule says that cannot be said there is left to user space: a
// rule by which events are not told is left out, another keeps everything that it may be about.
std::vector<KernelRule> kernel_rules(const RuleSet& rules);

// A BPF map with these rules, for Session::install_rules(). Errors: what the kernel says.
Result<Fd> make_rule_map(const std::vector<KernelRule>& rules);

}  // namespace aa
