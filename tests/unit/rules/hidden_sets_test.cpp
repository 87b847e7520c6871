// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What --hide has names for: for each pattern a path that it is about, and one near it that is nobody's.
#include "rules/hidden_sets.hpp"

#include <algorithm>
#include <set>

#include "rules/judge.hpp"
#include "rules/rule_source.hpp"
#include "unit/rules/hidden_examples.hpp"
#include "unit/rules/rule_sets.hpp"

namespace aa::test {
namespace {

Rule hide(const char* pattern) { return {.kind = RuleKind::kHide, .pattern = pattern}; }

// The patterns of a set as rules, in the order of the table; no links of this machine.
std::vector<std::string> hiding(const Rules& rules, std::string_view path) {
  std::vector<std::string> patterns;
  for (const std::uint32_t index : matching(rules, path)) patterns.push_back(rules->rules()[index].pattern);
  return patterns;
}

void check_table(const char* name, std::span<const HiddenPattern> table, std::span<const Example> examples) {
  const Rules rules = compiled(expand_hiding({hide(name)}, true));
  REQUIRE(table.size() == examples.size());
  std::set<std::string> seen;
  for (const HiddenPattern& row : table) {
    CAPTURE(std::string(row.pattern));
    CHECK(std::string_view(row.from).size() >= 2);
    CHECK(seen.insert(row.pattern).second);
    const auto example = std::find_if(examples.begin(), examples.end(), [&row](const Example& each) {
      return std::string_view(each.pattern) == row.pattern;
    });
    REQUIRE(example != examples.end());
    const auto patterns = hiding(rules, example->hidden);
    CHECK(std::find(patterns.begin(), patterns.end(), row.pattern) != patterns.end());
    CAPTURE(std::string(example->near));
    CHECK(hiding(rules, example->near).empty());
  }
}

TEST_CASE("hidden sets: each pattern has what it is about, and nothing beside it") {
  check_table("@system", system_patterns(), kSystemExamples);
  check_table("@runtime", runtime_patterns(), kRuntimeExamples);
}

TEST_CASE("hidden sets: nothing of the user's is @system") {
  const Rules rules = compiled(expand_hiding(default_hiding(true), false));
  for (const char* path :
       {"/home/me/lib/libmine.so", "/srv/app/x.so.1", "/tmp/ld.so.cache", "/home/me/locale/de.mo", "/etc/passwd",
        "/etc/hosts", "/etc/resolv.conf", "/etc/ssl/certs/ca-certificates.crt", "/usr/bin/env", "/usr/lib/git-core/git",
        "/usr/share/doc/x", "/dev/pts/0", "/dev/sda", "/", "relative"}) {
    CAPTURE(path);
    CHECK(hiding(rules, path).empty());
  }
  CHECK_FALSE(hiding(rules, "/etc/ld.so.cache").empty());
  CHECK_FALSE(hiding(rules, "/usr/lib/x86_64-linux-gnu/libc.so.6").empty());
}

TEST_CASE("hidden sets: no credentials are @runtime") {
  const Rules rules = compiled(expand_hiding({hide("@runtime")}, false));
  for (const char* path : {"/etc/apt/auth.conf", "/etc/apt/auth.conf.d/90.conf", "/root/.npmrc", "/root/.pypirc",
                           "/root/.cargo/credentials.toml", "/root/.m2/settings.xml", "/root/.gradle/gradle.properties",
                           "/root/.config/pip/pip.conf", "/etc/pip.conf", "/root/.gem/credentials"}) {
    CAPTURE(std::string(path));
    CHECK(hiding(rules, path).empty());
  }
}

TEST_CASE("hidden sets: names and patterns in their order, and none takes away what stands before it") {
  const auto patterns = [](const std::vector<Rule>& rules) {
    std::vector<std::string> list;
    for (const Rule& rule : expand_hiding(rules, true)) list.push_back(rule.pattern);
    return list;
  };
  using List = std::vector<std::string>;
  CHECK(patterns({hide("/a"), hide("none"), hide("/b")}) == List{"/b"});
  CHECK(patterns({hide("@system"), hide("none")}).empty());
  CHECK(patterns({hide("none"), hide("@system")}).size() == system_patterns().size());
  CHECK(patterns({hide("@runtime"), hide("@system"), hide("/a")}).size() ==
        runtime_patterns().size() + system_patterns().size() + 1);
  for (const bool certain : {false, true}) {
    const auto rules = expand_hiding({hide("/a"), hide("@system")}, certain);
    CHECK(rules[0].certain == certain);
    CHECK_FALSE(rules[0].only_reads);
    CHECK_FALSE(rules[1].certain);
    CHECK(rules[1].only_reads);
  }
}

TEST_CASE("hidden sets: the short format hides the system, the others nothing, and none switches that off") {
  const auto hidden = [](std::vector<Rule> given, bool is_short) {
    const auto rules = RuleSource(std::move(given), "", Level::kWarning, default_hiding(is_short)).load();
    REQUIRE(bool(rules));
    return !matching(*rules, "/etc/ld.so.cache").empty();
  };
  CHECK(hidden({}, true));
  CHECK_FALSE(hidden({}, false));
  CHECK(hidden({hide("@system")}, false));
  CHECK(hidden({hide("/a")}, true));
  CHECK_FALSE(hidden({hide("none")}, true));
  CHECK_FALSE(hidden({hide("none"), hide("/a")}, true));
}

TEST_CASE("hidden sets: what is no pattern") {
  for (const char* name : {"@system", "@runtime", "none"}) {
    CHECK(bool(check_rule_pattern(RuleKind::kHide, name)));
    CHECK_FALSE(bool(check_rule_pattern(RuleKind::kAllow, name)));
  }
  for (const char* name : {"@sytem", "@", "None", "", "x"})
    CHECK_FALSE(bool(check_rule_pattern(RuleKind::kHide, name)));
}

}  // namespace
}  // namespace aa::test
