// SPDX-License-Identifier: MIT OR Apache-2.0
#include "rules/rule_set.hpp"

#include <algorithm>

namespace aa {
namespace {

constexpr std::string_view kHome = "~/";

void append(std::vector<std::uint32_t>& to, const std::vector<std::uint32_t>& from) {
  if (!from.empty()) to.insert(to.end(), from.begin(), from.end());
}

std::string_view next_part(std::string_view& rest) {
  const std::size_t begin = std::min(rest.find_first_not_of('/'), rest.size());
  const std::size_t end = std::min(rest.find('/', begin), rest.size());
  const std::string_view part = rest.substr(begin, end - begin);
  rest.remove_prefix(end);
  return part;
}

std::string_view last_part(std::string_view path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

Result<std::shared_ptr<const RuleSet>> RuleSet::compile(std::vector<Rule> rules,
                                                        const std::vector<std::string>& homes) {
  std::shared_ptr<RuleSet> set(new RuleSet);
  set->rules_ = std::move(rules);
  set->has_deny_ = std::any_of(set->rules_.begin(), set->rules_.end(),
                               [](const Rule& rule) { return rule.kind == RuleKind::kDeny; });
  LinkFollower links;
  for (std::uint32_t i = 0; i < set->rules_.size(); i++) {
    const std::string_view pattern = set->rules_[i].pattern;
    if (!pattern.starts_with(kHome)) {
      if (Status status = set->add(i, pattern, links); !status) return status.error();
      continue;
    }
    for (const std::string& home : homes)
      if (Status status = set->add(i, quoted_pattern(home).append(pattern.substr(1)), links); !status)
        return status.error();
  }
  for (Node* node : set->with_globs_) node->globs.compile();
  return std::shared_ptr<const RuleSet>(std::move(set));
}

// Events have the paths that symbolic links lead to: the rule is about those too.
Status RuleSet::add(std::uint32_t rule, std::string_view text, LinkFollower& links) {
  auto pattern = parse_pattern(text);
  if (!pattern) return pattern.error();
  const Links which = leaves_out(rules_[rule].kind) ? Links::kOfRoot : Links::kAll;
  for (const std::string& name : links.other_names(joined_path(pattern->parts), which)) {
    Pattern other = *pattern;
    other.parts = split_path(name);
    if (Status status = add_target(rule, std::move(other)); !status) return status;
  }
  return add_target(rule, std::move(*pattern));
}

Status RuleSet::add_target(std::uint32_t rule, Pattern pattern) {
  switch (pattern.shape) {
    case Pattern::Shape::kPath: {
      Node& node = node_of(pattern.parts);
      (pattern.below ? node.below : node.here).push_back(rule);
      break;
    }
    case Pattern::Shape::kName: (pattern.below ? directory_names_ : names_)[pattern.name].push_back(rule); break;
    case Pattern::Shape::kSuffix: suffixes_[pattern.name].push_back(rule); break;
    case Pattern::Shape::kGlob: {
      Node& node = node_of(pattern.parts);
      if (node.globs.empty()) with_globs_.push_back(&node);
      const std::string above = pattern.parts.empty() ? "" : quoted_pattern(joined_path(pattern.parts));
      if (Status status = node.globs.add(rule, above + "/" + pattern.glob); !status) return status;
    }
  }
  targets_.push_back({rule, std::move(pattern)});
  return Done{};
}

RuleSet::Node& RuleSet::node_of(const std::vector<std::string>& parts) {
  Node* node = &root_;
  for (const std::string& part : parts) {
    auto& child = node->children[part];
    if (!child) child = std::make_unique<Node>();
    node = child.get();
  }
  return *node;
}

void RuleSet::match(std::string_view path, Indexes& found) const {
  found.clear();
  if (!path.starts_with('/')) return;
  match_tree(path, found);
  match_names(path, found);
  if (found.size() < 2) return;
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
}

void RuleSet::match_tree(std::string_view path, Indexes& found) const {
  const Node* node = &root_;
  for (std::string_view rest = path;;) {
    append(found, node->below);
    if (!node->globs.empty()) node->globs.match(path, found);
    const std::string_view part = next_part(rest);
    if (part.empty()) break;
    const auto* const child = node->children.find(part);
    if (!child) return;
    node = child->get();
  }
  append(found, node->here);
}

void RuleSet::match_names(std::string_view path, Indexes& found) const {
  const auto look_up = [&found](const NameMap<Indexes>& names, std::string_view name) {
    if (const Indexes* const rules = names.find(name)) append(found, *rules);
  };
  const std::string_view last = last_part(path);
  look_up(names_, last);
  const std::size_t dot = last.rfind('.');
  if (dot != std::string_view::npos) look_up(suffixes_, last.substr(dot));
  if (directory_names_.empty()) return;
  for (std::string_view part = next_part(path); !part.empty(); part = next_part(path)) look_up(directory_names_, part);
}

}  // namespace aa
