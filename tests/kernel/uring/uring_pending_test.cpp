// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Requests of io_uring that wait for very long: what is kept of them is bounded, and each is told or counted.
#include "kernel/uring/uring.hpp"

#include <doctest/doctest.h>

namespace aa::test {

TEST_CASE("io_uring pending: what waits for its result takes no more memory the more it is") {
  const std::string few = "2", many = std::to_string(scaled(40, 12));
  long long memory[2] = {};
  for (const std::string& chains : {few, many}) {
    CAPTURE(chains);
    const TempDir directory;
    const Report report = trace_command(directory, {"-e", "open", "--buffer", "32M"}, "uring_pending", {chains});
    const Fact truth = report.truth.only("pending");
    long long no_room = 0;
    for (const Event& event : report.of("lost"))
      if (event.text("reason") == "no_room") no_room += event.number("count");
    const auto told = static_cast<long long>(uring_events(report).size());
    CHECK(told + report.lost() == truth.number("requests"));
    CHECK((no_room > 0) == (chains == many));
    memory[chains == many] = truth.number("parent_kib");
    for (const Event& event : uring_events(report)) CHECK(event.text("error") == "ECANCELED");
  }
  // those of 38 chains would take 190 MiB; the ring buffer is there twice
  CHECK(memory[1] - memory[0] < (2 * 32 + 40) * 1024);
  MESSAGE(memory[0], " KiB with ", few, " chains, ", memory[1], " KiB with ", many);
}

}  // namespace aa::test
