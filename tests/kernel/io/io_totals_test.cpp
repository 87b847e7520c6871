// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Random programs that keep book of every descriptor: what aa-trace tells of them must be the same.
#include "kernel/io/io_lines.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace aa::test {

namespace {

const int kSeeds = scaled(200, 20);
constexpr int kSteps = 120;

Report run(const TempDir& directory, int first_seed, std::vector<std::string> options) {
  Report report = trace_command(directory, options, "io_random",
                                {std::to_string(first_seed), std::to_string(kSeeds), std::to_string(kSteps)});
  REQUIRE_MESSAGE(report.code == 0, report.errors);
  return report;
}

Uses true_uses(const Report& report, bool all_types) {
  Uses uses;
  for (const Fact& use : report.truth.of("use")) {
    if (!all_types && !use.number("regular")) continue;
    uses[{use.number("pid"), use.number("fd")}].push_back({use.text("path"), totals_of(use), true, 1});
  }
  REQUIRE(uses.size() > 5UL * kSeeds);
  return uses;
}

// The workload's report of the truth goes through its stdout.
bool is_stdout(const Event& event) {
  return event.has("fd") && event.number("fd") == 1 && event.has("path") && event.text("path").ends_with(".out");
}

std::vector<Event> without_stdout(const Report& report) {
  std::vector<Event> events = report.events;
  std::erase_if(events, is_stdout);
  return events;
}

// read and write events by pid and path, as the totals have them.
PathTotals told_calls(const std::vector<Event>& events) {
  PathTotals totals;
  for (const Event& event : events) {
    if ((event.kind() != "read" && event.kind() != "write") || event.has("error")) continue;
    Totals& sum = totals[{event.pid(), event.text("path")}];
    if (event.kind() == "read") sum += {1, event.number("bytes"), 0, 0};
    else sum += {0, 0, 1, event.number("bytes")};
  }
  return totals;
}

void check_closes(const Report& report, const char* key) {
  std::map<long long, long long> told, truth;
  // its book is a file that it maps
  for (const Event& event : report.of("close")) told[event.pid()] += !event.text("path").ends_with("/model");
  for (const Fact& fact : report.truth.of("closes")) truth[fact.number("pid")] = fact.number(key);
  REQUIRE(truth.size() > static_cast<size_t>(kSeeds));
  for (const auto& [pid, count] : truth) CHECK_MESSAGE(told[pid] == count, "closes of pid " << pid);
}

}  // namespace

TEST_CASE("random programs: the io lines of files are what went through each descriptor") {
  const TempDir directory;
  const Report report = run(directory, 1, {"-e", "io", "--io-interval", "0"});
  const Uses told = told_uses(without_stdout(report));
  check_uses(told, true_uses(report, false));
  check_all_closed(told);
  for (const auto& [key, generations] : told) {
    for (const Use& use : generations) CHECK(use.lines == 1);
  }
}

TEST_CASE("random programs: with interim lines, of descriptors of every type") {
  const TempDir directory;
  const Report report = run(directory, 1001, {"-e", "io", "--io-interval", "0.002", "--fd-types", "all"});
  const Uses told = told_uses(without_stdout(report)), truth = true_uses(report, true);
  check_uses(told, truth);
  check_all_closed(told);
  check_totals(by_path(told), by_path(truth));
  const auto events = report.of("io");
  CHECK(std::any_of(events.begin(), events.end(), [](const Event& event) { return !event.flag("closed"); }));
}

TEST_CASE("random programs: single calls") {
  const TempDir directory;
  const Report report = run(directory, 2001, {"-e", "io,calls", "--fd-types", "all"});
  const Uses truth = true_uses(report, true);
  check_uses(told_uses(without_stdout(report)), truth);
  check_totals(told_calls(without_stdout(report)), by_path(truth));
  check_closes(report, "all");
}

TEST_CASE("random programs: single calls on files, without totals") {
  const TempDir directory;
  const Report report = run(directory, 3001, {"-e", "calls"});
  CHECK(report.of("io").empty());
  check_totals(told_calls(without_stdout(report)), by_path(true_uses(report, false)));
  check_closes(report, "regular");
}

}  // namespace aa::test
