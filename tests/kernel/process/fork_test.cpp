// SPDX-License-Identifier: MIT OR Apache-2.0
//
// fork: one for each process, none for a thread.
#include "kernel/expect.hpp"

#include <doctest/doctest.h>

#include <set>

namespace aa::test {

namespace {

std::vector<long long> children(const std::vector<Event>& forks) {
  std::vector<long long> pids;
  for (const Event& fork : forks) pids.push_back(fork.number("child_pid"));
  return pids;
}

}  // namespace

TEST_CASE("fork in every form, and threads, which are none") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "process"}, "fork_kinds");
  REQUIRE(report.code == 0);
  CHECK(check_exits(report) == 5);
  const std::vector<Fact> truth = report.truth.of("forked");
  REQUIRE(truth.size() == 5);
  std::vector<long long> expected;
  for (const Fact& forked : truth) expected.push_back(forked.number("child"));
  CHECK(children(report.of("fork")) == expected);
  for (const Fact& forked : truth) {
    for (const Event& fork : report.of("fork")) {
      if (fork.number("child_pid") != forked.number("child")) continue;
      CHECK(fork.pid() == forked.number("pid"));
      CHECK(fork.tid() == forked.number("tid"));
      CHECK(fork.text("comm") == "fork_kinds");
      CHECK(fork.text("exe") == workload_path("fork_kinds"));
    }
  }
  const long long thread = report.truth.only("thread").number("tid");
  CHECK(report.of("exit", thread).empty());
}

TEST_CASE("fork is told only when asked for") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "exec,exit"}, "fork_kinds");
  REQUIRE(report.code == 0);
  CHECK(report.of("fork").empty());
  CHECK(check_exits(report) == 5);
}

TEST_CASE("the events of one process: forked, executes, ends, in this order") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "process"}, "fork_in_thread");
  REQUIRE(report.code == 0);
  const std::vector<Fact> truth = report.truth.of("forked");
  REQUIRE(truth.size() == 10);
  for (const Fact& forked : truth) {
    const long long child = forked.number("child");
    std::vector<Event> own;
    for (const Event& fork : report.of("fork")) {
      if (fork.number("child_pid") == child) own.push_back(fork);
    }
    REQUIRE(own.size() == 1);
    CHECK(own.front().tid() == forked.number("tid"));
    CHECK(own.front().realtime() <= report.only("exec", child).realtime());
    CHECK(report.only("exec", child).realtime() <= report.only("exit", child).realtime());
  }
}

TEST_CASE("end counts what was told") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "process"}, "fork_kinds");
  REQUIRE(report.code == 0);
  std::set<std::string> kinds;
  for (const Event& event : report.events) kinds.insert(event.kind());
  CHECK(kinds == std::set<std::string>{"fork", "exec", "exit"});
  CHECK(report.end->number("count") == static_cast<long long>(report.events.size()));
  CHECK(report.end->number("lost") == 0);
  CHECK(report.end->real("duration") >= 0);
}

}  // namespace aa::test
