// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Where the rules come from.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rules/rule_set.hpp"

namespace aa {

class RuleSource {
 public:
  // `given`: from the command line; `file`: --rules, empty: none. Rules below `least` have no effect: they could not be
  // seen in any event. `hidden`: what is hidden by default. `has_root`: what is hidden may still be outside of --root.
  RuleSource(std::vector<Rule> given, std::string file, Level least, std::vector<Rule> hidden = {},
             bool has_root = false)
      : given_(std::move(given)),
        file_(std::move(file)),
        least_(least),
        hidden_(std::move(hidden)),
        has_root_(has_root) {}

  // Reads the file, and what the patterns stand for on this machine. Errors: of the file, or of a pattern.
  Result<std::shared_ptr<const RuleSet>> load() const;

 private:
  std::vector<Rule> given_;
  std::string file_;
  Level least_;
  std::vector<Rule> hidden_;
  bool has_root_;
};

}  // namespace aa
