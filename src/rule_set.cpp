// SPDX-License-Identifier: MIT OR Apache-2.0
#include "rule_set.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "places.hpp"

namespace aa {
namespace {

// For the states that matching all globs at once goes through; beyond it they are made anew.
constexpr std::int64_t kGlobMemory = 32 << 20;  // bytes

constexpr std::string_view kHome = "~/";

void append(std::vector<std::uint32_t>& to, const std::vector<std::uint32_t>& from) {
  to.insert(to.end(), from.begin(), from.end());
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

Result<std::shared_ptr<const RuleSet>> RuleSet::compile(std::vector<Rule> rules, const std::vector<std::string>& homes) {
  std::shared_ptr<RuleSet> set(new RuleSet);
  set->rules_ = std::move(rules);
  for (std::uint32_t i = 0; i < set->rules_.size(); i++) {
    const std::string_view pattern = set->rules_[i].pattern;
    if (!pattern.starts_with(kHome)) {
      if (Status status = set->add(i, pattern); !status) return status.error();
      continue;
    }
    for (const std::string& home : homes)
      if (Status status = set->add(i, quoted_pattern(home).append(pattern.substr(1))); !status) return status.error();
  }
  set->compile_globs();
  return std::shared_ptr<const RuleSet>(std::move(set));
}

bool RuleSet::has_allow() const {
  return std::any_of(rules_.begin(), rules_.end(), [](const Rule& rule) { return rule.kind == RuleKind::kAllow; });
}

// Events have the paths that symbolic links lead to: the rule is about those too.
Status RuleSet::add(std::uint32_t rule, std::string_view text) {
  auto pattern = parse_pattern(text);
  if (!pattern) return pattern.error();
  if (!pattern->parts.empty()) {
    const Links links = rules_[rule].kind == RuleKind::kAllow ? Links::kOfRoot : Links::kAll;
    if (const auto resolved = resolved_path(joined_path(pattern->parts), links)) {
      Pattern other = *pattern;
      other.parts = split_path(*resolved);
      if (Status status = add_target(rule, std::move(other)); !status) return status;
    }
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
    case Pattern::Shape::kGlob:
      if (Status status = add_glob(rule, pattern); !status) return status;
      break;
  }
  targets_.push_back({rule, std::move(pattern)});
  return Done{};
}

Status RuleSet::add_glob(std::uint32_t rule, const Pattern& pattern) {
  const std::string above = pattern.parts.empty() ? "" : quoted_pattern(joined_path(pattern.parts));
  auto glob = Glob::parse(above + "/" + pattern.glob);
  if (!glob) return glob.error();
  node_of(pattern.parts).globs = true;
  globs_.push_back({rule, std::move(*glob)});
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

void RuleSet::compile_globs() {
  if (globs_.empty()) return;
  RE2::Options options = Glob::regex_options();
  options.set_max_mem(kGlobMemory);
  all_globs_ = std::make_unique<RE2::Set>(options, RE2::ANCHOR_BOTH);
  for (const NamedGlob& glob : globs_)
    if (all_globs_->Add(glob.glob.regex(), nullptr) < 0) return all_globs_.reset();
  if (!all_globs_->Compile()) all_globs_.reset();
}

void RuleSet::match(std::string_view path, Indexes& found) const {
  found.clear();
  if (!path.starts_with('/')) return;
  const bool globs = match_tree(path, found);
  match_names(path, found);
  if (globs) match_globs(path, found);
  if (found.size() < 2) return;
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
}

// Says whether a glob may match.
bool RuleSet::match_tree(std::string_view path, Indexes& found) const {
  const Node* node = &root_;
  bool globs = node->globs;
  append(found, node->below);
  for (std::string_view part = next_part(path); !part.empty(); part = next_part(path)) {
    const auto child = node->children.find(part);
    if (child == node->children.end()) return globs;
    node = child->second.get();
    globs |= node->globs;
    append(found, node->below);
  }
  append(found, node->here);
  return globs;
}

void RuleSet::match_names(std::string_view path, Indexes& found) const {
  const auto look_up = [&found](const ByName<Indexes>& names, std::string_view name) {
    const auto at = names.find(name);
    if (at != names.end()) append(found, at->second);
  };
  const std::string_view last = last_part(path);
  if (!names_.empty()) look_up(names_, last);
  const std::size_t dot = last.rfind('.');
  if (!suffixes_.empty() && dot != std::string_view::npos) look_up(suffixes_, last.substr(dot));
  if (directory_names_.empty()) return;
  for (std::string_view part = next_part(path); !part.empty(); part = next_part(path)) look_up(directory_names_, part);
}

void RuleSet::match_globs(std::string_view path, Indexes& found) const {
  RE2::Set::ErrorInfo error{RE2::Set::kNoError};
  std::vector<int> matched;
  if (all_globs_ && all_globs_->Match({path.data(), path.size()}, &matched, &error)) {
    for (const int at : matched) found.push_back(globs_[static_cast<std::size_t>(at)].rule);
  } else if (!all_globs_ || error.kind != RE2::Set::kNoError) {
    for (const NamedGlob& glob : globs_)
      if (glob.glob.matches(path)) found.push_back(glob.rule);
  }
}

}  // namespace aa
