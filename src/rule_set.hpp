// SPDX-License-Identifier: MIT OR Apache-2.0
//
// All path rules of a moment, compiled. Unchanging: new rules are a new set.
#pragma once

#include <re2/set.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "glob.hpp"
#include "pattern.hpp"
#include "rule.hpp"

namespace aa {

class RuleSet {
 public:
  // A pattern of a rule: with "~/" it has one for each home, and others for where symbolic links lead to.
  struct Target {
    std::uint32_t rule;  // index
    Pattern pattern;
  };

  // Follows the symbolic links that are there now. Errors: of the first rule whose pattern is none.
  static Result<std::shared_ptr<const RuleSet>> compile(std::vector<Rule> rules, const std::vector<std::string>& homes);

  const std::vector<Rule>& rules() const { return rules_; }
  const std::vector<Target>& targets() const { return targets_; }
  bool has_allow() const;

  // Sets `found` to the indexes of the rules that match an absolute path without "." and "..", in their order.
  void match(std::string_view path, std::vector<std::uint32_t>& found) const;

 private:
  using Indexes = std::vector<std::uint32_t>;
  struct NameHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>()(name); }
  };
  template <typename Value>
  using ByName = std::unordered_map<std::string, Value, NameHash, std::equal_to<>>;

  struct Node {
    ByName<std::unique_ptr<Node>> children;
    Indexes here, below;
    bool globs = false;  // some begin here
  };
  struct NamedGlob {
    std::uint32_t rule;
    Glob glob;
  };

  RuleSet() = default;
  Status add(std::uint32_t rule, std::string_view pattern);
  Status add_target(std::uint32_t rule, Pattern pattern);
  Status add_glob(std::uint32_t rule, const Pattern& pattern);
  Node& node_of(const std::vector<std::string>& parts);
  void compile_globs();
  bool match_tree(std::string_view path, Indexes& found) const;
  void match_names(std::string_view path, Indexes& found) const;
  void match_globs(std::string_view path, Indexes& found) const;

  std::vector<Rule> rules_;
  std::vector<Target> targets_;
  Node root_;
  ByName<Indexes> names_;            // of a last component
  ByName<Indexes> directory_names_;  // of any component
  ByName<Indexes> suffixes_;         // from the last dot on
  std::vector<NamedGlob> globs_;
  std::unique_ptr<RE2::Set> all_globs_;  // null: none, or too many to be one expression
};

}  // namespace aa
