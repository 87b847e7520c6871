// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Descriptors that stand for several files within what is handed to io_uring at once: each event has its own file.
#include "kernel/uring/uring.hpp"

#include <doctest/doctest.h>

namespace aa::test {

TEST_CASE("io_uring numbers: a descriptor that is another file before its request is told") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "file,write", "--io-interval", "0"}, "uring_numbers");
  REQUIRE(report.code == 0);
  CHECK(check_requests(report) == 9);
  std::vector<std::pair<std::string, long long>> written;
  for (const Event& io : report.of("io")) {
    INFO(io.line());
    if (io.has("fd") && io.number("fd") <= 2) continue;
    CHECK(io.flag("closed"));
    if (io.number("written_bytes")) written.emplace_back(io.text("path"), io.number("written_bytes"));
  }
  std::vector<std::pair<std::string, long long>> meant;
  for (const Fact& request : report.truth.of("request"))
    if (request.text("event") == "write") meant.emplace_back(request.text("path"), request.number("bytes"));
  REQUIRE(meant.size() == 2);
  CHECK(written == meant);
}

}  // namespace aa::test
