// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Loss is told to the last event, and does not happen where there is room.
#include "kernel/expect.hpp"

#include <doctest/doctest.h>

#include <map>

namespace aa::test {

namespace {

struct Storm {
  int processes;
  int execs;
  int bytes;

  std::vector<std::string> arguments() const {
    return {std::to_string(processes), std::to_string(execs), std::to_string(bytes)};
  }
  // COMMAND's own included.
  long long all_execs() const { return 1LL + static_cast<long long>(processes) * execs; }
  long long all_exits() const { return 1LL + processes; }
};

Report run(const TempDir& directory, const std::vector<std::string>& options, const Storm& storm) {
  Report report = trace_command(directory, options, "exec_storm", storm.arguments());
  const Fact truth = report.truth.only("storm");
  REQUIRE(truth.number("failed") == 0);
  REQUIRE(truth.number("execs") + 1 == storm.all_execs());
  return report;
}

// A trace that gets the processor often enough loses nothing: then there is nothing to tell.
void check_loss_is_told(const Report& report) {
  CHECK(report.code == (report.lost() ? 3 : 0));
  for (const Event& lost : report.of("lost")) {
    INFO(lost.line());
    CHECK(lost.number("count") > 0);
    CHECK_FALSE(lost.text("reason").empty());
  }
  CHECK_FALSE(report.errors.empty());
}

}  // namespace

TEST_CASE("a tiny buffer: told and lost execs are all there were") {
  const TempDir directory;
  const Storm storm{4, scaled(500, 100), 700};
  const Report report = run(directory, {"-e", "exec", "--buffer", "4K"}, storm);
  check_loss_is_told(report);
  CHECK(static_cast<long long>(report.of("exec").size()) + report.lost() == storm.all_execs());
}

TEST_CASE("a tiny buffer: execs and exits") {
  const TempDir directory;
  const Storm storm{4, scaled(500, 100), 700};
  const Report report = run(directory, {"-e", "exec,exit", "--buffer", "4K"}, storm);
  check_loss_is_told(report);
  const size_t told = report.of("exec").size() + report.of("exit").size();
  CHECK(static_cast<long long>(told) + report.lost() == storm.all_execs() + storm.all_exits());
}

TEST_CASE("a tiny buffer: events that never fit into it") {
  const TempDir directory;
  const Storm storm{1, 20, 20000};
  const Report report = run(directory, {"-e", "exec", "--buffer", "4K"}, storm);
  check_loss_is_told(report);
  CHECK(report.lost() >= 20);
  CHECK(static_cast<long long>(report.of("exec").size()) + report.lost() == storm.all_execs());
}

TEST_CASE("the default buffer: 20,000 execs of four processes at once, none lost") {
  const TempDir directory;
  const Storm storm{4, scaled(5000, 200), 100};
  const Report report = run(directory, {"-e", "exec,exit"}, storm);
  CHECK(report.code == 0);
  CHECK(report.of("lost").empty());
  CHECK(static_cast<long long>(report.of("exec").size()) == storm.all_execs());
  CHECK(static_cast<long long>(report.of("exit").size()) == storm.all_exits());
  std::map<std::pair<long long, std::string>, int> told;
  for (const Event& exec : report.of("exec")) told[{exec.pid(), exec.texts("argv")[2]}]++;
  CHECK(static_cast<long long>(told.size()) == storm.all_execs());
}

}  // namespace aa::test
