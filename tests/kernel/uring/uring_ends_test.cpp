// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Programs that end with requests of io_uring on their way: nothing hangs, and nothing is told that did not happen.
#include "kernel/uring/uring.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string_view>

namespace aa::test {

namespace {

constexpr long long kSize = 64 * 1024;
constexpr long long kCount = 64;
constexpr long long kEnded = 8;

struct End {
  const char* how;
  int code;
};

constexpr End kExit{"exit", 0}, kKill{"kill", 128 + 9}, kExec{"exec", 0};

Report run(const TempDir& directory, const std::string& events, const std::string& what, const End& end) {
  Report report = trace_command(directory, {"-e", events, "--fd-types", "file,pipe"}, "uring_ends", {what, end.how});
  CHECK(report.code == (report.lost() && !end.code ? 3 : end.code));
  CHECK(report.of("exit").size() == 1);
  return report;
}

}  // namespace

TEST_CASE("io_uring ends: an open that still waits did not open anything") {
  for (const End& end : {kExit, kKill}) {
    CAPTURE(std::string(end.how));
    const TempDir directory;
    const Report report = run(directory, "open,exit", "open", end);
    CHECK(report.lost() == 0);
    const std::vector<Event> events = uring_events(report);
    REQUIRE(events.size() == 1);
    INFO(events.front().line());
    CHECK(events.front().has("error"));
    CHECK_FALSE(events.front().has("fd"));
    CHECK(events.front().text("path") == directory.file("fifo"));
    CHECK(events.front().text("comm") == "uring_ends");
  }
}

TEST_CASE("io_uring ends: a read that still waits read nothing") {
  for (const End& end : {kExit, kExec}) {
    CAPTURE(std::string(end.how));
    const TempDir directory;
    const Report report = run(directory, "read,io,exit", "read", end);
    CHECK(report.lost() == 0);
    const std::vector<Event> events = uring_events(report);
    REQUIRE(events.size() == 1);
    INFO(events.front().line());
    CHECK(events.front().text("error") == "ECANCELED");
    CHECK(events.front().text("path").starts_with("pipe:["));
    CHECK(events.front().pid() == report.of("exit").front().pid());
    CHECK(told_totals(report).empty());
  }
}

TEST_CASE("io_uring ends: of the writes on their way those count that were made") {
  for (const End& end : {kExit, kKill, kExec}) {
    CAPTURE(std::string(end.how));
    const TempDir directory;
    const Report report = run(directory, "io,write,exit", "write", end);
    const std::string written = read_file(directory.file("file"));
    const long long bytes = std::count(written.begin(), written.end(), 'x');
    CHECK(bytes >= kEnded * kSize);
    const PathTotals totals = told_totals(report);
    INFO(report.text);
    REQUIRE(totals.size() == 1);
    CHECK(totals.begin()->first.second.ends_with(" " + directory.file("file")));
    // the end may come in the middle of the last one, which may then be counted after it: that is told as lost
    const long long writes = (bytes + kSize - 1) / kSize, last = bytes - (writes - 1) * kSize, lost = report.lost();
    CHECK(lost <= 1);
    CHECK(totals.begin()->second == Totals{.writes = writes - lost, .written_bytes = bytes - lost * last});
    const std::vector<Event> events = uring_events(report);
    const auto succeeded = std::count_if(events.begin(), events.end(), [](const Event& e) { return !e.has("error"); });
    CHECK(succeeded == writes);
    CHECK(events.size() == kCount);
  }
}

TEST_CASE("io_uring ends: what is read when the process is gone is still its own") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "io,read"}, "uring_orphans");
  REQUIRE(report.code == 0);
  const Fact truth = report.truth.only("orphans");
  const long long child = truth.number("pid");
  Totals sum;
  for (const Event& io : report.of("io", child)) {
    INFO(io.line());
    CHECK(io.number("fd") == truth.number("fd"));
    CHECK(io.text("path") == directory.file("file"));
    CHECK(io.text("comm") == "uring_orphans");
    CHECK(io.number("ppid") == truth.number("ppid"));
    sum.reads += io.number("reads");
    sum.read_bytes += io.number("read_bytes");
  }
  CHECK(sum == Totals{.reads = truth.number("reads"), .read_bytes = truth.number("read_bytes")});
  CHECK(sum.reads > 0);
  for (const Event& event : uring_events(report)) CHECK(event.pid() == child);
  CHECK(static_cast<long long>(uring_events(report).size()) == truth.number("requests"));
}

}  // namespace aa::test
