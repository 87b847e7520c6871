// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What ends the totals of a file that io_uring wrote.
#include "kernel/uring/uring.hpp"

#include <doctest/doctest.h>

#include <optional>

namespace aa::test {

namespace {

std::optional<size_t> place_of(const Report& report, const std::string& kind, const std::string& path) {
  for (size_t i = 0; i < report.events.size(); i++) {
    const Event& event = report.events[i];
    if (event.kind() == kind && event.has("path") && event.bytes("path") == path) return i;
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE("io_uring close: ends the totals of a descriptor and of a slot, at once") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "io,mkdir", "--io-interval", "0"}, "uring_close");
  REQUIRE(report.code == 0);
  const std::vector<Fact> closed = report.truth.of("closed");
  REQUIRE(closed.size() == 4);
  for (const Fact& fact : closed) {
    INFO(fact.line());
    const std::optional<size_t> io = place_of(report, "io", fact.text("path"));
    const std::optional<size_t> mark = place_of(report, "mkdir", fact.text("mark"));
    REQUIRE(io.has_value());
    REQUIRE(mark.has_value());
    const Event& event = report.events[*io];
    INFO(event.line());
    CHECK(event.flag("closed"));
    CHECK(event.number("writes") == 1);
    CHECK(event.number("written_bytes") == fact.number("written_bytes"));
    CHECK(event.has("fd") == fact.has("fd"));
    if (fact.has("fd")) CHECK(event.number("fd") == fact.number("fd"));
    // the last one is closed by the end of the process
    CHECK((*io < *mark) == (fact.text("path") != directory.file("open")));
  }
}

TEST_CASE("io_uring close: told where closes are asked for") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "close"}, "uring_close");
  REQUIRE(report.code == 0);
  const std::vector<Event> events = uring_events(report);
  REQUIRE(events.size() == 2);
  CHECK(events[0].kind() == "close");
  CHECK(events[0].text("path") == directory.file("first"));
  CHECK(events[0].number("fd") == report.truth.of("closed").front().number("fd"));
  CHECK(events[1].kind() == "close");
  CHECK(events[1].text("path") == directory.file("slot"));
  CHECK_FALSE(events[1].has("fd"));
}

}  // namespace aa::test
