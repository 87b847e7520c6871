// SPDX-License-Identifier: MIT OR Apache-2.0
//
// All path rules of a moment, compiled. Unchanging: new rules are a new set.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rules/glob_set.hpp"
#include "rules/name_map.hpp"
#include "rules/pattern.hpp"
#include "rules/rule.hpp"
#include "rules/symlinks.hpp"

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
  bool has_deny() const { return has_deny_; }

  // Sets `found` to the indexes of the rules that match an absolute path without "." and "..", in their order.
  void match(std::string_view path, std::vector<std::uint32_t>& found) const;

 private:
  using Indexes = std::vector<std::uint32_t>;

  struct Node {
    NameMap<std::unique_ptr<Node>> children;
    Indexes here, below;
    GlobSet globs;  // those that begin here
  };

  RuleSet() = default;
  Status add(std::uint32_t rule, std::string_view pattern, LinkFollower& links);
  Status add_target(std::uint32_t rule, Pattern pattern);
  Node& node_of(const std::vector<std::string>& parts);
  void match_tree(std::string_view path, Indexes& found) const;
  void match_names(std::string_view path, Indexes& found) const;

  std::vector<Rule> rules_;
  bool has_deny_ = false;
  std::vector<Target> targets_;
  Node root_;
  std::vector<Node*> with_globs_;     // in the tree
  NameMap<Indexes> names_;            // of a last component
  NameMap<Indexes> directory_names_;  // of any component
  NameMap<Indexes> suffixes_;         // from the last dot on
};

}  // namespace aa
