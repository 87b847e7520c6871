// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Requests that io_uring refuses before it tries them are failed ones like any other.
#include "kernel/uring/uring.hpp"

#include <doctest/doctest.h>

namespace aa::test {

TEST_CASE("io_uring refused: each with its error and what it asked for") {
  for (const std::string way : {"plain", "sqpoll"}) {
    CAPTURE(way);
    const TempDir directory;
    const Report report = trace_command(directory, {"-e", "file,read"}, "uring_refused", {way});
    REQUIRE(report.code == 0);
    CHECK(check_requests(report) == 8);
  }
}

TEST_CASE("io_uring refused: failed, and not successful") {
  for (const std::string option : {"--failed", "--successful"}) {
    CAPTURE(option);
    const TempDir directory;
    const Report report = trace_command(directory, {"-e", "file,read", option}, "uring_refused", {"plain"});
    REQUIRE(report.code == 0);
    CHECK(uring_events(report).size() == (option == "--failed" ? 8 : 0));
  }
}

}  // namespace aa::test
