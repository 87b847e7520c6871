// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the kernel is told of the path rules.
#include "rules/kernel_rules.hpp"

#include <algorithm>
#include <cstring>
#include <map>

#include "unit/rules/rule_sets.hpp"

namespace aa::test {
namespace {

constexpr unsigned kAllowed = AA_RULE_ALLOW, kAllowedBelow = AA_RULE_ALLOW_BELOW;
constexpr unsigned kKept = AA_RULE_KEEP, kKeptBelow = AA_RULE_KEEP_BELOW;

// Flags by path; of names and suffixes by "**/NAME" and "**/*.END".
using Tree = std::map<std::string, unsigned>;

std::string name_of(const aa_rule_key& key) {
  std::string name(AA_RULE_NAME_MAX, '\0');
  std::memcpy(name.data(), key.name, name.size());
  CHECK(name.find_first_not_of('\0', key.length) == std::string::npos);
  name.resize(key.length);
  return name;
}

std::string place_of(const aa_rule_key& key, const std::map<std::uint32_t, std::string>& nodes) {
  if (key.parent == AA_RULE_NAMES) return "**/" + name_of(key);
  if (key.parent == AA_RULE_SUFFIXES) return "**/*" + name_of(key);
  return key.length ? nodes.at(key.parent) + "/" + name_of(key) : "/";
}

bool has_children(const std::vector<KernelRule>& list, const KernelRule& parent) {
  return std::any_of(list.begin(), list.end(), [&parent](const KernelRule& entry) {
    return entry.key.length && entry.key.parent == parent.rule.node;
  });
}

// Parents come before their children. That they say of themselves that they are some, is checked and left out.
Tree tree_of(const Rules& rules) {
  auto list = kernel_rules(*rules);
  std::map<std::uint32_t, std::string> nodes = {{AA_RULE_ROOT, ""}};
  Tree tree;
  while (tree.size() < list.size()) {
    const std::size_t before = tree.size();
    for (const KernelRule& entry : list) {
      if (entry.key.parent < AA_RULE_SUFFIXES && !nodes.contains(entry.key.parent)) continue;
      const std::string place = place_of(entry.key, nodes);
      if (!tree.emplace(place, entry.rule.flags & ~unsigned{AA_RULE_INNER}).second) continue;
      const bool is_node = entry.key.parent < AA_RULE_SUFFIXES;
      CHECK(bool(entry.rule.flags & AA_RULE_INNER) == (is_node && has_children(list, entry)));
      if (entry.key.parent < AA_RULE_SUFFIXES && entry.key.length) CHECK(nodes.emplace(entry.rule.node, place).second);
    }
    REQUIRE(tree.size() > before);
  }
  return tree;
}

Tree tree_of(const std::vector<std::string>& allow, const std::vector<std::string>& deny) {
  std::vector<Rule> rules;
  for (const std::string& pattern : allow) rules.push_back({RuleKind::kAllow, {}, pattern});
  for (std::size_t i = 0; i < deny.size(); i++)
    rules.push_back({i % 2 ? RuleKind::kSensitive : RuleKind::kDeny, Level::kCritical, deny[i]});
  return tree_of(compiled(std::move(rules)));
}

std::string repeated(const std::string& part, int times) {
  std::string all;
  for (int i = 0; i < times; i++) all += part;
  return all;
}

TEST_CASE("kernel rules: paths and subtrees are nodes") {
  CHECK(tree_of({"/srv/a"}, {}) == Tree{{"/", 0}, {"/srv", 0}, {"/srv/a", kAllowed}});
  CHECK(tree_of({"/srv/a/"}, {}) == Tree{{"/", 0}, {"/srv", 0}, {"/srv/a", kAllowedBelow}});
  CHECK(tree_of({"/srv/a", "/srv/a/"}, {}) == Tree{{"/", 0}, {"/srv", 0}, {"/srv/a", kAllowed | kAllowedBelow}});
  CHECK(tree_of({"/"}, {}) == Tree{{"/", kAllowedBelow}});
  CHECK(tree_of({"/srv/"}, {"/srv/a", "/srv/b/", "/opt"}) ==
        Tree{{"/", 0}, {"/opt", kKept}, {"/srv", kAllowedBelow}, {"/srv/a", kKept}, {"/srv/b", kKeptBelow}});
  CHECK(tree_of({"/srv/"}, {"/srv/"}) == Tree{{"/", 0}, {"/srv", kAllowedBelow | kKeptBelow}});
  CHECK(tree_of({"~/x"}, {}) ==
        Tree{{"/", 0}, {"/home", 0}, {"/home/me", 0}, {"/home/me/x", kAllowed}, {"/root", 0}, {"/root/x", kAllowed}});
}

TEST_CASE("kernel rules: names and suffixes are kept wherever they are") {
  CHECK(tree_of({"/srv/"}, {"**/.env", "**/*.pem"}) ==
        Tree{{"/", 0}, {"/srv", kAllowedBelow}, {"**/.env", 0}, {"**/*.pem", 0}});
  CHECK(tree_of({"/srv/", "**/.env", "**/*.pem", "**/.git/"}, {}) == Tree{{"/", 0}, {"/srv", kAllowedBelow}});
}

TEST_CASE("kernel rules: a glob keeps everything that it may be about") {
  CHECK(tree_of({"/srv/"}, {"/srv/a/*.key"}) == Tree{{"/", 0}, {"/srv", kAllowedBelow}, {"/srv/a", kKeptBelow}});
  CHECK(tree_of({"/srv/", "/opt/*.o"}, {}) == Tree{{"/", 0}, {"/srv", kAllowedBelow}});
}

TEST_CASE("kernel rules: where everything is kept, or nothing is allowed, there are none") {
  const std::vector<std::string> keep_all[] = {
      {"/"},
      {"/**"},
      {"/*"},
      {"**/x*"},
      {"**/"},
      {"**/.git/"},
      {"**/*.pem/"},
      {"**/a/b"},
      {"/x", "/[a]/b"},
      {"**/" + std::string(AA_RULE_NAME_MAX + 1, 'n')},
      {"**/*." + std::string(AA_RULE_SUFFIX_MAX, 'e')},
      {"/" + std::string(AA_RULE_NAME_MAX + 1, 'n')},
  };
  for (const auto& deny : keep_all) {
    CAPTURE(deny.back());
    CHECK(tree_of({"/srv/"}, deny).empty());
  }
  CHECK(tree_of({}, {}).empty());
  CHECK(tree_of({}, {"/a", "**/b"}).empty());
  // allow rules that are for user space
  for (const std::string& allow :
       {std::string("**/.env"), std::string("**/*.o"), std::string("/srv/*"),
        "/srv/" + std::string(AA_RULE_NAME_MAX + 1, 'n'), repeated("/d", AA_RULE_DEPTH + 1)}) {
    CAPTURE(allow);
    CHECK(tree_of({allow}, {"/a"}).empty());
  }
}

TEST_CASE("kernel rules: the longest names and suffixes that the kernel knows") {
  const std::string name(AA_RULE_NAME_MAX, 'n'), suffix = "." + std::string(AA_RULE_SUFFIX_MAX - 1, 'e');
  CHECK(tree_of({"/srv/" + name}, {"**/" + name, "**/*" + suffix}) ==
        Tree{{"/", 0}, {"/srv", 0}, {"/srv/" + name, kAllowed}, {"**/" + name, 0}, {"**/*" + suffix, 0}});
}

TEST_CASE("kernel rules: below what is too long or too deep everything is kept, and nothing allowed") {
  const std::string longer(AA_RULE_NAME_MAX + 1, 'n');
  CHECK(tree_of({"/srv/"}, {"/srv/a/" + longer + "/b"}) ==
        Tree{{"/", 0}, {"/srv", kAllowedBelow}, {"/srv/a", kKeptBelow}});
  CHECK(tree_of({"/srv/", "/opt/" + longer + "/"}, {}) == Tree{{"/", 0}, {"/opt", 0}, {"/srv", kAllowedBelow}});

  const std::string deepest = repeated("/d", AA_RULE_DEPTH);
  const Tree tree = tree_of({deepest + "/"}, {deepest + "/e"});
  CHECK(tree.size() == AA_RULE_DEPTH + 1);
  CHECK(tree.at(deepest) == (kAllowedBelow | kKeptBelow));
  CHECK(tree_of({deepest, deepest + "/e"}, {}).at(deepest) == kAllowed);
}

TEST_CASE("kernel rules: bytes of any kind") {
  CHECK(tree_of({"/srv/\xff\n"}, {"**/\x80"}) ==
        Tree{{"/", 0}, {"/srv", 0}, {"/srv/\xff\n", kAllowed}, {"**/\x80", 0}});
}

TEST_CASE("kernel rules: ten thousand") {
  std::vector<std::string> allow;
  for (int i = 0; i < 10'000; i++) allow.push_back("/srv/" + std::to_string(i % 100) + "/" + std::to_string(i) + "/");
  CHECK(tree_of(allow, {}).size() == 2 + 100 + 10'000);
}

TEST_CASE("kernel rules: what is certainly hidden is as what is allowed, and nothing else that is hidden") {
  const auto hide = [](const char* pattern, bool only_reads, bool certain) {
    return Rule{.kind = RuleKind::kHide, .pattern = pattern, .only_reads = only_reads, .certain = certain};
  };
  const Rule deny{.kind = RuleKind::kDeny, .pattern = "/a/b"};
  const auto allow = [](const char* pattern) { return Rule{.kind = RuleKind::kAllow, .pattern = pattern}; };
  CHECK(tree_of(compiled({hide("/a/", false, true), deny})) == tree_of(compiled({allow("/a/"), deny})));
  CHECK_FALSE(tree_of(compiled({hide("/a/", false, true), deny})).empty());
  CHECK(tree_of(compiled({hide("/a/", false, false), deny})).empty());
  CHECK(tree_of(compiled({hide("/a/", true, false), deny})).empty());
  CHECK(tree_of(compiled({allow("/c/"), hide("/a/", true, false)})) == tree_of(compiled({allow("/c/")})));
}

}  // namespace
}  // namespace aa::test
