// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Paths that are moved while they are read: each that is told is one that the file had.
#include "kernel/trace.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace aa::test {

namespace {

// Every call of a thread on paths that another one moves all the while.
void check_moving(const std::string& what, const std::string& kind) {
  const int kRounds = scaled(200'000, 20'000);
  const TempDir directory;
  CAPTURE(what);
  const Report report =
      trace_command(directory, {"-e", kind, "--buffer", "64M"}, "moving_paths", {what, std::to_string(kRounds)});
  REQUIRE_MESSAGE(report.code == 0, report.errors);
  CHECK(report.lost() == 0);
  const Fact moved = report.truth.only("moved");
  const std::vector<std::string> paths = moved.list("path");
  int told = 0, wrong = 0, unreadable = 0;
  for (const Event& event : report.of(kind, moved.number("pid"))) {
    if (event.tid() != moved.number("tid")) continue;
    told++;
    if (event.unreadable("path")) unreadable++;
    else if (std::find(paths.begin(), paths.end(), event.bytes("path")) == paths.end() && ++wrong <= 3)
      FAIL_CHECK(event.line());
  }
  CHECK(wrong == 0);
  CHECK(told == kRounds);
  CHECK(unreadable < kRounds / 20);
  CHECK(moved.number("moves") > kRounds / 1000);
  MESSAGE(what << ": moved " << moved.number("moves") << " times, " << wrong << " of " << told << " made up, "
               << unreadable << " unreadable");
}

}  // namespace

TEST_CASE("paths that are moved during the walk: 200,000 of 200,000 are ones that were there") {
  for (const char* what : {"parent", "file", "length"}) check_moving(what, "truncate");
}

TEST_CASE("a current directory that another thread changes: it is one of them, never something between") {
  check_moving("cwd", "unlink");
}

}  // namespace aa::test
