// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Chains of io_uring's requests: each link with its own result, those that never ran with ECANCELED.
#include "kernel/uring/uring.hpp"

#include <doctest/doctest.h>

namespace aa::test {

TEST_CASE("io_uring links: every link of a chain, also of a broken one") {
  for (const std::string way : {"plain", "async", "sqpoll", "defer"}) {
    CAPTURE(way);
    const TempDir directory;
    const Report report = trace_command(directory, {"-e", "file,read,write"}, "uring_links", {way});
    REQUIRE(report.code == 0);
    CHECK(check_requests(report) == 24);
  }
}

TEST_CASE("io_uring links: what never ran is no success, and no part of the totals") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "file", "-z"}, "uring_links", {"plain"});
  REQUIRE(report.code == 0);
  CHECK(uring_events(report).size() == 6);
  for (const Event& event : uring_events(report)) CHECK_FALSE(event.has("error"));
  const PathTotals totals = told_totals(report);
  REQUIRE(totals.size() == 2);
  CHECK(totals.begin()->second == Totals{.writes = 1, .written_bytes = 2000});
  CHECK(totals.rbegin()->second == Totals{.reads = 1, .read_bytes = 10, .writes = 1, .written_bytes = 10});
}

}  // namespace aa::test
