// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A file that a rule is about, in a directory that is allowed: no way to it leads past the rule. The rule is about the
// path that the kernel has for the file: in another place, or under another name, the same file is another one.
#include "kernel/rules/alerts.hpp"
#include "kernel/trace.hpp"

#include <doctest/doctest.h>

#include <functional>

namespace aa::test {

namespace {

struct Rule {
  std::string option;
  std::string pattern;  // "@": the test's directory
  std::string alert, level;
  std::function<bool(const std::string& name)> is_about;  // below the test's directory
};

const std::vector<Rule> kRules = {
    {"--sensitive", "@/box/secret.pem", "sensitive", "warning",
     [](const std::string& name) { return name == "box/secret.pem"; }},
    {"--deny", "@/box/", "deny", "critical",
     [](const std::string& name) { return name == "box" || name.starts_with("box/"); }},
    {"--sensitive", "**/secret.pem", "sensitive", "warning",
     [](const std::string& name) { return name.ends_with("/secret.pem"); }},
    {"--deny", "**/*.pem", "deny", "critical", [](const std::string& name) { return name.ends_with(".pem"); }},
    {"--deny", "@/b?x/[st]ecret*", "deny", "critical",
     [](const std::string& name) { return name == "box/secret.pem"; }},
    {"--sensitive", "@/other", "sensitive", "warning", [](const std::string& name) { return name == "other"; }},
};

// The opens by the processes that tell of them; the preparing one is another.
std::vector<Event> opens_told(const Report& report, const std::vector<Fact>& ways) {
  std::vector<Event> opens;
  for (const Event& event : report.of("open"))
    if (event.pid() == ways.front().number("pid")) opens.push_back(event);
  return opens;
}

}  // namespace

TEST_CASE("rules: however a file is opened, the rule about its path is met, and an allowed directory hides none") {
  for (const Rule& rule : kRules) {
    const TempDir directory;
    const std::string at = directory.path() + "/";
    const std::string pattern = rule.pattern[0] == '@' ? directory.path() + rule.pattern.substr(1) : rule.pattern;
    CAPTURE(pattern);
    const Report report = trace_command(
        directory, {"-e", "open", "--no-default-rules", "--allow", at, rule.option, pattern}, "rules_ways");
    REQUIRE_MESSAGE(report.code == 0, report.errors);
    std::vector<Fact> ways = report.truth.of("way");
    REQUIRE(ways.size() == 22);
    std::erase_if(ways, [&](const Fact& way) { return !rule.is_about(way.text("path").substr(at.size())); });
    REQUIRE_FALSE(ways.empty());
    const std::vector<Event> opens = opens_told(report, ways);
    CHECK(opens.size() == ways.size());
    for (size_t i = 0; i < std::min(opens.size(), ways.size()); i++) {
      INFO(opens[i].line());
      INFO(ways[i].line());
      CHECK(opens[i].text("path") == ways[i].text("path"));
      CHECK(alerts_of(opens[i]) == Alerts{{rule.alert, rule.level, pattern}});
    }
  }
}

TEST_CASE("rules: a directory that is allowed under one of its names is not under another") {
  const TempDir directory;
  const Report report =
      trace_command(directory, {"-e", "open", "--no-default-rules", "--allow", directory.file("box/")}, "rules_ways");
  REQUIRE_MESSAGE(report.code == 0, report.errors);
  std::vector<std::string> told;
  for (const Event& event : opens_told(report, report.truth.of("way"))) told.push_back(event.text("path"));
  CHECK(told == std::vector<std::string>{directory.file("other"), directory.file("bound/secret.pem")});
}

}  // namespace aa::test
