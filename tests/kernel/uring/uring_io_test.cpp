// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Reads, writes and splices that go through io_uring: each one, and what they add up to.
#include "kernel/uring/uring.hpp"

#include <doctest/doctest.h>

namespace aa::test {

namespace {

constexpr int kRequests = 32;  // sides of splices that are no pipes included
constexpr int kOfPipes = 6;
constexpr int kOfNothing = 5;       // a bad descriptor is of no type, and told with every one
constexpr int kOfFixedVectors = 2;  // since 6.15
const std::vector<std::string> kWays = {"plain", "async", "sqpoll", "defer"};

bool is_of_pipe(const Fact& fact) { return fact.has("pipe"); }
bool is_of_file(const Fact& fact) { return !fact.has("pipe"); }

int without_new_ones(const Report& report, int count) {
  for (const Fact& request : report.truth.of("request")) {
    if (request.text("case") == "readv_fixed") return count;
  }
  return count - kOfFixedVectors;
}

}  // namespace

TEST_CASE("io_uring io: each read and write with its bytes, its offset and its file, and what they add up to") {
  for (const std::string& way : kWays) {
    CAPTURE(way);
    const TempDir directory;
    const Report report = trace_command(directory, {"-e", "calls,io"}, "uring_io", {way});
    REQUIRE(report.code == 0);
    CHECK(check_requests(report, is_of_file) == without_new_ones(report, kRequests));
    const PathTotals truth = true_totals(report.truth, is_of_file);
    CHECK(truth.size() == 4);
    check_totals(told_totals(report), truth);
  }
}

TEST_CASE("io_uring io: pipes, where they are asked for") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "read,write,io", "--fd-types", "pipe"}, "uring_io", {"plain"});
  REQUIRE(report.code == 0);
  const auto chosen = [](const Fact& request) { return is_of_pipe(request) || !request.has("path"); };
  CHECK(check_requests(report, chosen) == kOfPipes + kOfNothing);
  const PathTotals truth = true_totals(report.truth, is_of_pipe);
  CHECK(truth.size() == 2);
  check_totals(told_totals(report), truth);
}

TEST_CASE("io_uring io: --failed and --successful part the calls") {
  for (const std::string option : {"--failed", "--successful"}) {
    CAPTURE(option);
    const TempDir directory;
    const Report report = trace_command(directory, {"-e", "read,write", option}, "uring_io", {"plain"});
    REQUIRE(report.code == 0);
    const auto chosen = [&](const Fact& request) {
      return is_of_file(request) && request.has("error") == (option == "--failed");
    };
    CHECK(check_requests(report, chosen) > 5);
  }
}

}  // namespace aa::test
