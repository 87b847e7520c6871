// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Many globs at once.
#pragma once

#include <re2/set.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "rules/glob.hpp"

namespace aa {

class GlobSet {
 public:
  // Errors: those of Glob::parse().
  Status add(std::uint32_t rule, std::string_view pattern);
  // When all are there.
  void compile();
  // Appends the rules of those that match, in no order.
  void match(std::string_view path, std::vector<std::uint32_t>& found) const;
  bool empty() const { return groups_.empty(); }

 private:
  struct NamedGlob {
    std::uint32_t rule;
    Glob glob;
  };
  struct Group {
    std::vector<NamedGlob> globs;
    std::unique_ptr<RE2::Set> all;  // null: one alone, or too many to be one expression

    void compile();
    void match(std::string_view path, std::vector<std::uint32_t>& found) const;
  };

  // By the last byte of what they match, or kAnyByte. That leaves few for a path, and an automaton of few globs has few
  // states: of many in one, each path would lead to new ones.
  std::map<int, Group> groups_;
};

}  // namespace aa
