// SPDX-License-Identifier: MIT OR Apache-2.0
#include "rules/kernel_rules.hpp"

#include <bpf/bpf.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <string>
#include <utility>

#include "base/format.hpp"

namespace aa {
namespace {

class Tree {
 public:
  Tree() { rules_[{AA_RULE_ROOT, ""}] = {.node = AA_RULE_ROOT, .flags = 0}; }

  void add(const RuleSet::Target& target, bool allow) {
    const Pattern& p = target.pattern;
    switch (p.shape) {
      case Pattern::Shape::kPath: add_path(p, allow); break;
      case Pattern::Shape::kName:
        if (!allow) keep_name(AA_RULE_NAMES, p.name, !p.below && p.name.size() <= AA_RULE_NAME_MAX);
        break;
      case Pattern::Shape::kSuffix:
        if (!allow) keep_name(AA_RULE_SUFFIXES, p.name, p.name.size() <= AA_RULE_SUFFIX_MAX);
        break;
      case Pattern::Shape::kGlob:
        if (!allow) node_of(p.parts).second->flags |= AA_RULE_KEEP_BELOW;
        break;
    }
  }

  std::vector<KernelRule> take() const {
    std::vector<KernelRule> rules;
    if (!allows_ || rules_.at({AA_RULE_ROOT, ""}).flags & AA_RULE_KEEP_BELOW) return rules;
    for (const auto& [key, rule] : rules_) rules.push_back({key_of(key.first, key.second), rule});
    return rules;
  }

 private:
  using Key = std::pair<std::uint32_t, std::string>;

  static aa_rule_key key_of(std::uint32_t parent, const std::string& name) {
    aa_rule_key key{.parent = parent, .length = static_cast<__u32>(name.size()), .name = {}};
    std::memcpy(key.name, name.data(), name.size());
    return key;
  }

  // As far down as the kernel follows; whether that is all the way.
  std::pair<bool, aa_rule*> node_of(const std::vector<std::string>& parts) {
    aa_rule* rule = &rules_.at({AA_RULE_ROOT, ""});
    for (std::size_t i = 0; i < parts.size(); i++) {
      if (i == AA_RULE_DEPTH || parts[i].size() > AA_RULE_NAME_MAX) return {false, rule};
      const auto [child, added] = rules_.try_emplace(Key{rule->node, parts[i]});
      rule->flags |= AA_RULE_INNER;
      if (added) child->second.node = ++last_node_;
      rule = &child->second;
    }
    return {true, rule};
  }

  void add_path(const Pattern& p, bool allow) {
    const auto [whole, rule] = node_of(p.parts);
    allows_ |= allow && whole;
    if (allow) rule->flags |= !whole ? 0 : p.below ? AA_RULE_ALLOW_BELOW : AA_RULE_ALLOW;
    else rule->flags |= !whole || p.below ? AA_RULE_KEEP_BELOW : AA_RULE_KEEP;
  }

  void keep_name(std::uint32_t parent, const std::string& name, bool possible) {
    if (possible) rules_.try_emplace(Key{parent, name});
    else rules_.at({AA_RULE_ROOT, ""}).flags |= AA_RULE_KEEP_BELOW;
  }

  std::map<Key, aa_rule> rules_;
  std::uint32_t last_node_ = AA_RULE_ROOT;
  bool allows_ = false;
};

}  // namespace

std::vector<KernelRule> kernel_rules(const RuleSet& rules) {
  Tree tree;
  for (const RuleSet::Target& target : rules.targets()) {
    const Rule& rule = rules.rules()[target.rule];
    // the kernel's tree knows paths, and not what is done there
    if (rule.kind != RuleKind::kHide || rule.certain) tree.add(target, leaves_out(rule.kind));
  }
  return tree.take();
}

Result<Fd> make_rule_map(const std::vector<KernelRule>& rules) {
  LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_NO_PREALLOC);
  Fd map(bpf_map_create(BPF_MAP_TYPE_HASH, "aa_rule_set", sizeof(aa_rule_key), sizeof(aa_rule),
                        static_cast<__u32>(rules.size()), &options));
  bool done = bool(map);
  for (std::size_t i = 0; done && i < rules.size(); i++)
    done = bpf_map_update_elem(map.get(), &rules[i].key, &rules[i].rule, BPF_ANY) == 0;
  done = done && bpf_map_freeze(map.get()) == 0;
  if (!done) return Error{fmt::format("cannot give the rules to the kernel: {}", errno_text(errno))};
  return map;
}

}  // namespace aa
