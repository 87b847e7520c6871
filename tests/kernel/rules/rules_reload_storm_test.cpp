// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Rules that are read again and again under a storm of events: none is lost, and none meets a part of the rules.
#include "kernel/rules/alerts.hpp"
#include "kernel/rules/rules_file.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <sstream>

namespace aa::test {

namespace {

// Rules of which nothing is said here, to make a set large.
std::string other_rules(int count) {
  std::string text;
  for (int i = 0; i < count; i++)
    text += std::string(i % 2 ? "allow" : "deny") + " /srv/project" + std::to_string(i % 100) + "/part" +
            std::to_string(i) + "\n";
  return text;
}

// Two sets. In the first one the rules about pair/ belong together: without the others, one would hide what the others
// report.
struct Sets {
  std::string paired, plain;
  Alerts both;

  Sets(const TempDir& directory, int more) {
    const std::string target = directory.file("pair/target"), noise = "allow " + directory.file("noise/") + "\n";
    const std::string others = other_rules(more);
    both = {{"deny", "critical", "**/target"}, {"sensitive", "critical", target}};
    paired = "allow " + directory.file("pair/") + "\n" + noise + others + "sensitive " + target +
             " critical\ndeny **/target\n";
    plain = others + noise;
  }
};

struct Told {
  long long paired = 0, plain = 0, broken = 0, others = 0;
};

// Text: a storm has too many events for all checks of the harness.
Told read_storm(const std::string& text, const std::string& target, const Alerts& both) {
  Told told;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const Event event(line);
    if (event.kind() == "start" || event.kind() == "end") continue;
    const bool is_target = event.kind() == "open" && event.text("path") == target;
    const Alerts alerts = is_target ? alerts_of(event) : Alerts{};
    (!is_target ? told.others : alerts.empty() ? told.plain : alerts == both ? told.paired : told.broken)++;
  }
  return told;
}

// Of the target, so far.
long opens_in(const TempDir& directory) {
  const std::string bytes = read_file(directory.file("progress"));
  long opens = 0;
  if (bytes.size() == sizeof opens) std::memcpy(&opens, bytes.data(), sizeof opens);
  return opens;
}

// However slow the machine is: each set of rules is in force for so many opens of the target. The first of them may
// have begun before.
constexpr long kOpensASet = 5;

void check_storm(int more_rules, int reloads) {
  const TempDir directory;
  const Sets sets(directory, more_rules);
  RulesFile rules(directory, sets.paired);
  Workload storm(directory, "rules_storm");
  Trace trace(
      directory,
      {"--json", "-e", "open", "--no-default-rules", "--rules", rules.path(), "--pid", storm.await_ready().text("pid")},
      Trace::Format::kText);
  REQUIRE(wait_until([&] { return trace.errors().find("watching") != std::string::npos; }));
  storm.go();
  for (int i = 0; i < reloads; i++) {
    rules.write(i % 2 ? sets.paired : sets.plain);
    rules.reload(trace);
    const long enough = opens_in(directory) + kOpensASet;
    REQUIRE(wait_until([&] { return opens_in(directory) >= enough; }));
  }
  storm.stop();
  const long long opens = storm.finish().only("storm").number("opens");
  const Report report = trace.finish();
  CHECK_MESSAGE(report.code == 0, report.errors);
  const Told told = read_storm(report.text, directory.file("pair/target"), sets.both);
  MESSAGE(opens, " opens in ", reloads, " reloads, ", told.paired, " with alerts");
  CHECK(told.paired > reloads);
  CHECK(told.plain > reloads);
  CHECK(told.paired + told.plain == opens);
  CHECK(told.broken == 0);
  CHECK(told.others == 0);
}

}  // namespace

TEST_CASE("reload: a hundred times in a storm, no event is lost and each is judged by one set as a whole") {
  check_storm(0, scaled(120, 10));
}

TEST_CASE("reload: ten thousand rules in a storm") { check_storm(10'000, scaled(12, 4)); }

}  // namespace aa::test
