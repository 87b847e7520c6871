// SPDX-License-Identifier: MIT OR Apache-2.0
#include "rules/rule_source.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

#include "rules/hidden_sets.hpp"
#include "rules/homes.hpp"
#include "rules/rule_file.hpp"

namespace aa {

Result<std::shared_ptr<const RuleSet>> RuleSource::load() const {
  const Result<std::vector<Rule>> read = file_.empty() ? std::vector<Rule>() : read_rules(file_);
  if (!read) return read.error();
  std::vector<Rule> rules, hidden = hidden_;
  const auto hides = [](const Rule& rule) { return rule.kind == RuleKind::kHide; };
  // the command line has the last word on what is hidden
  for (const std::vector<Rule>* each : {&*read, &given_})
    std::copy_if(each->begin(), each->end(), std::back_inserter(hidden), hides);
  for (const std::vector<Rule>* each : {&given_, &*read})
    std::copy_if(each->begin(), each->end(), std::back_inserter(rules), std::not_fn(hides));
  std::erase_if(rules, [this](const Rule& rule) { return !leaves_out(rule.kind) && rule.level < least_; });
  const std::vector<Rule> expanded = expand_hiding(hidden, !has_root_);
  rules.insert(rules.end(), expanded.begin(), expanded.end());
  return RuleSet::compile(std::move(rules), home_directories());
}

}  // namespace aa
