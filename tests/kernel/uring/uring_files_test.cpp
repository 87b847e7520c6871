// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Requests of io_uring on files that are open: under a descriptor of the process, or in the ring's own table.
#include "kernel/uring/uring.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace aa::test {

namespace {

constexpr int kRequests = 30;
constexpr int kOfTruncate = 5;  // since 6.9
const std::vector<std::string> kWays = {"plain", "async", "sqpoll", "defer"};

bool has_truncate(const Report& report) {
  const std::vector<Fact> requests = report.truth.of("request");
  return std::any_of(requests.begin(), requests.end(),
                     [](const Fact& request) { return request.text("case") == "truncate"; });
}

}  // namespace

TEST_CASE("io_uring files: each request with its result, its file and its values") {
  for (const std::string& way : kWays) {
    CAPTURE(way);
    const TempDir directory;
    const Report report = trace_command(directory, {"-e", "file"}, "uring_files", {way});
    REQUIRE(report.code == 0);
    CHECK(check_requests(report) == kRequests - (has_truncate(report) ? 0 : kOfTruncate));
  }
}

}  // namespace aa::test
