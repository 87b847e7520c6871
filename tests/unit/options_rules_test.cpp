// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The command line: rules and alerts.
#include <doctest/doctest.h>

#include "unit/command_line.hpp"

namespace aa::test {
namespace {

TEST_CASE("options: without them, the rules built in, warnings and no reason to fail") {
  const Options options = good({"-a"});
  CHECK(options.rules.empty());
  CHECK(options.rules_file.empty());
  CHECK(options.default_rules);
  CHECK(options.alert_level == Level::kWarning);
  CHECK_FALSE(options.fail_on);
  CHECK(options.roots.empty());
}

TEST_CASE("options: path rules add up") {
  const Options options = good({"--deny", "/a", "--allow=/b/", "--sensitive", "**/c", "--deny=~/d", "--allow", "/e f"});
  REQUIRE(options.rules.size() == 5);
  const std::tuple<RuleKind, Level, std::string> expected[] = {
      {RuleKind::kDeny, Level::kCritical, "/a"},       {RuleKind::kDeny, Level::kCritical, "~/d"},
      {RuleKind::kAllow, Level::kWarning, "/b/"},      {RuleKind::kAllow, Level::kWarning, "/e f"},
      {RuleKind::kSensitive, Level::kWarning, "**/c"},
  };
  for (const auto& row : expected) {
    const auto& [kind, level, pattern] = row;
    CAPTURE(pattern);
    CHECK(std::any_of(options.rules.begin(), options.rules.end(), [&](const Rule& rule) {
      return std::tuple(rule.kind, rule.pattern) == std::tuple(kind, pattern) &&
             (kind == RuleKind::kAllow || rule.level == level);
    }));
  }
  const Options pid_behind = good({"--deny", "/a", "7"});
  CHECK(pid_behind.targets.pids == std::vector<std::uint32_t>{7});
}

TEST_CASE("options: what is hidden keeps its order") {
  const Options options = good({"--hide", "@system", "--hide=none", "--hide", "/a/", "--hide", "@runtime"});
  std::vector<std::string> patterns;
  for (const Rule& rule : options.rules)
    if (rule.kind == RuleKind::kHide) patterns.push_back(rule.pattern);
  CHECK(patterns == std::vector<std::string>{"@system", "none", "/a/", "@runtime"});
  CHECK(mentions(bad({"--hide", "@sytem"}), "@sytem"));
  CHECK(mentions(bad({"--hide="}), "--hide"));
  CHECK(good({"-a"}).only_changes == 0);
  CHECK(good({"-a", "-e", "changes"}).only_changes != 0);
}

TEST_CASE("options: a rule is one pattern, whatever it is made of") {
  for (const char* pattern : {"/[a,b]", "/a,b", "/a b", "/{a}", "/\"a\"", "/a=b", "/%x", "/#a", "/\xff", "/a\nb", "~/",
                              R"(/a\*)", "/", "**/", "/a/**/b"})
    for (const char* name : {"--allow", "--deny", "--sensitive"}) {
      CAPTURE(name);
      CAPTURE(pattern);
      CHECK(good({name, pattern}).rules.at(0).pattern == pattern);
      CHECK(good({std::string(name) + "=" + pattern}).rules.at(0).pattern == pattern);
    }
}

TEST_CASE("options: what is no rule") {
  for (const char* name : {"--allow", "--deny", "--sensitive"}) {
    CAPTURE(name);
    for (const char* pattern : {"", "etc", "*.pem", "**", "~", "~me/x", "/[", "/a\\", "/*/../b", "\x1b[31m"}) {
      CAPTURE(pattern);
      CHECK(mentions(bad({std::string(name) + "=" + pattern}), name));
    }
    CHECK(mentions(bad({name}), name));
  }
  CHECK(mentions(bad({"--deny", "/good", "--deny", "/[bad"}), "/[bad"));
}

TEST_CASE("options: levels") {
  const std::pair<const char*, Level> rows[] = {
      {"info", Level::kInfo}, {"warning", Level::kWarning}, {"critical", Level::kCritical}};
  for (const auto& [text, level] : rows) {
    CAPTURE(text);
    CHECK(good({"--alert-level", text}).alert_level == level);
    CHECK(good({std::string("--alert-level=") + text}).alert_level == level);
    CHECK(good({"--fail-on", text}).fail_on == level);
    CHECK(good({std::string("--fail-on=") + text}).fail_on == level);
  }
  for (const char* name : {"--alert-level", "--fail-on"}) {
    for (const char* text : {"", "Info", "INFO", "warn", "crit", "high", "0", "info,warning", " info", "all", "none"}) {
      CAPTURE(text);
      CHECK(mentions(bad({std::string(name) + "=" + text}), name));
    }
    CHECK(mentions(bad({name}), name));
  }
}

TEST_CASE("options: what can make the trace fail is shown") {
  CHECK(good({"--fail-on", "info"}).alert_level == Level::kInfo);
  CHECK(good({"--fail-on", "warning"}).alert_level == Level::kWarning);
  CHECK(good({"--fail-on", "critical"}).alert_level == Level::kWarning);
  CHECK(good({"--fail-on", "info", "--alert-level", "critical"}).alert_level == Level::kInfo);
  CHECK(good({"--fail-on", "warning", "--alert-level", "critical"}).alert_level == Level::kWarning);
  CHECK(good({"--fail-on", "critical", "--alert-level", "info"}).alert_level == Level::kInfo);
}

TEST_CASE("options: the file of rules, and without those built in") {
  CHECK(good({"--rules", "rules.txt"}).rules_file == "rules.txt");
  CHECK(good({"--rules=a=b"}).rules_file == "a=b");
  CHECK(mentions(bad({"--rules="}), "--rules"));
  CHECK(mentions(bad({"--rules"}), "--rules"));
  CHECK_FALSE(good({"--no-default-rules"}).default_rules);
  bad({"--no-default-rules=x"});
}

TEST_CASE("options: directories that a job keeps to") {
  CHECK(good({"--root", "/a", "--root=b c"}).roots == Words{"/a", "b c"});
  CHECK(good({"--root", "/a", "7"}).targets.pids == std::vector<std::uint32_t>{7});
  CHECK(mentions(bad({"--root"}), "--root"));
}

TEST_CASE("options: the help names those for rules") {
  const Options options = good({"--help"});
  REQUIRE(options.print);
  for (const char* name :
       {"--allow", "--deny", "--sensitive", "--rules", "--no-default-rules", "--root", "--alert-level", "--fail-on"}) {
    CAPTURE(name);
    CHECK(mentions(*options.print, name));
  }
}

}  // namespace
}  // namespace aa::test
