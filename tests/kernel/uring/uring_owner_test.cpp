// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Whose request it is: rings that several processes use, and those of processes that nobody watches.
#include "kernel/uring/uring.hpp"

#include <doctest/doctest.h>

namespace aa::test {

TEST_CASE("io_uring owner: a ring that a child inherited, with its directory, user and root") {
  for (const std::string way : {"plain", "async", "sqpoll"}) {
    CAPTURE(way);
    const TempDir directory;
    const Report report = trace_command(directory, {"-e", "mkdir"}, "uring_fork", {way});
    REQUIRE(report.code == 0);
    CHECK(check_requests(report) == (way == "sqpoll" ? 4 : 5));
  }
}

TEST_CASE("io_uring owner: a process that nobody watches, even in the same ring") {
  constexpr int kRounds = 200;
  const TempDir directory;
  Workload target(directory, "uring_shared", {std::to_string(kRounds)});
  const long long child = target.await_ready().number("pid");
  Trace trace(directory, {"-e", "open,mkdir", "--pid", std::to_string(child)});
  trace.await_start();
  target.go();
  target.finish();
  const Report report = trace.finish();
  REQUIRE(report.code == 0);
  const std::vector<Event> events = uring_events(report);
  REQUIRE(events.size() == 2 * kRounds);
  for (int i = 0; i < 2 * kRounds; i++) {
    INFO(events[i].line());
    CHECK(events[i].kind() == (i % 2 ? "open" : "mkdir"));
    CHECK(events[i].pid() == child);
    CHECK(events[i].number("ppid") == target.pid());
    CHECK(events[i].text("path") == directory.file("child." + std::to_string(i / 2)));
    CHECK_FALSE(events[i].has("error"));
  }
}

TEST_CASE("io_uring owner: the ids that a request runs with, those of a personality too") {
  for (const std::string way : {"plain", "async", "sqpoll", "defer"}) {
    CAPTURE(way);
    const TempDir directory;
    const Report report = trace_command(directory, {"-e", "open"}, "uring_personality", {way});
    REQUIRE(report.code == 0);
    const std::vector<Fact> requests = report.truth.of("request");
    const std::vector<Event> events = uring_events(report);
    REQUIRE(events.size() == requests.size());
    for (size_t i = 0; i < events.size(); i++) {
      INFO(events[i].line());
      INFO(requests[i].line());
      CHECK(events[i].number("uid") == requests[i].number("uid"));
      CHECK(events[i].number("gid") == requests[i].number("gid"));
      CHECK(events[i].has("error") == requests[i].has("error"));
    }
  }
}

}  // namespace aa::test
