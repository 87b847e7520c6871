// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Sets of rules that must be right.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "rules/rule_set.hpp"

namespace aa::test {

using Rules = std::shared_ptr<const RuleSet>;
using Indexes = std::vector<std::uint32_t>;
using Homes = std::vector<std::string>;

inline Rules compiled(std::vector<Rule> rules, const Homes& homes = {"/root", "/home/me"}) {
  const auto set = RuleSet::compile(std::move(rules), homes);
  if (!set) FAIL(set.error().message);
  return *set;
}

inline Rules sensitive(const std::vector<std::string>& patterns, const Homes& homes = {"/root", "/home/me"}) {
  std::vector<Rule> rules;
  for (const std::string& pattern : patterns) rules.push_back({RuleKind::kSensitive, Level::kWarning, pattern});
  return compiled(std::move(rules), homes);
}

inline Indexes matching(const Rules& rules, std::string_view path) {
  Indexes found = {99};  // what was there before is forgotten
  rules->match(path, found);
  return found;
}

// The same each time.
class Random {
 public:
  unsigned below(unsigned bound) { return static_cast<unsigned>(random_() % bound); }
  template <typename List>
  const auto& one_of(const List& list) {
    return list[below(static_cast<unsigned>(std::size(list)))];
  }
  std::string word(unsigned least, unsigned most) {
    std::string word;
    for (unsigned n = least + below(most - least + 1); n > 0; n--) word += static_cast<char>('a' + below(26));
    return word;
  }

 private:
  std::mt19937 random_{20'261'120};
};

}  // namespace aa::test
