// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Programs that end with requests of io_uring on their way: nothing hangs, and nothing is told that did not happen.
#include "uring.hpp"

#include <doctest/doctest.h>

#include <algorithm>

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
  CHECK(report.code == end.code);
  CHECK(report.of("exit").size() == 1);
  CHECK(report.lost() == 0);
  return report;
}

}  // namespace

TEST_CASE("io_uring ends: an open that still waits did not open anything") {
  for (const End& end : {kExit, kKill}) {
    CAPTURE(std::string(end.how));
    const TempDir directory;
    const Report report = run(directory, "open,exit", "open", end);
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
    const TotalsByFile totals = told_totals(report);
    REQUIRE(totals.size() == 1);
    CHECK(totals.begin()->first.second == directory.file("file"));
    CHECK(totals.begin()->second == Totals{.writes = bytes / kSize, .written_bytes = bytes});
    const std::vector<Event> events = uring_events(report);
    const auto succeeded = std::count_if(events.begin(), events.end(), [](const Event& e) { return !e.has("error"); });
    CHECK(succeeded == bytes / kSize);
    CHECK(events.size() == kCount);
  }
}

TEST_CASE("io_uring ends: reads from the disk count once, whoever completes them") {
  for (const End& end : {kKill, kExec}) {
    CAPTURE(std::string(end.how));
    const TempDir directory;
    const Report report = run(directory, "io,read,exit", "read_direct", end);
    Totals sum;
    for (const Event& event : uring_events(report)) {
      CHECK(event.text("comm") == "uring_ends");
      if (event.has("error")) continue;
      sum.reads++;
      sum.read_bytes += event.number("bytes");
    }
    CHECK(uring_events(report).size() == kCount);
    const TotalsByFile totals = told_totals(report);
    CHECK((totals.empty() ? Totals{} : totals.begin()->second) == sum);
  }
}

}  // namespace aa::test
