// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Results that io_uring does not tell: the event says so, or is counted as lost. And what completes later in the same
// memory of the kernel is not taken for them.
#include "kernel/uring/uring.hpp"

#include <doctest/doctest.h>

namespace aa::test {

namespace {

struct Untold {
  TempDir directory;
  Report report;
  std::vector<Fact> requests;
  std::vector<Event> events;

  explicit Untold(const std::string& name, const std::string& events_asked = "file,read,write") {
    report = trace_command(directory, {"-e", events_asked}, "uring_untold", {name});
    requests = report.truth.of("request");
    events = uring_events(report);
  }
};

}  // namespace

TEST_CASE("io_uring untold: a request without a result is told at once, and that nobody knows how it ended") {
  const Untold skip("skip_names");
  CHECK(skip.report.code == 0);
  REQUIRE(skip.requests.size() == 2);
  REQUIRE(skip.events.size() == 2);
  for (size_t i = 0; i < 2; i++) {
    const Event& event = skip.events[i];
    INFO(event.line());
    CHECK(event.kind() == skip.requests[i].text("event"));
    CHECK(event.text("path") == skip.requests[i].text("path"));
    CHECK(event.flag("lexical"));
    CHECK(event.texts("unreadable") == std::vector<std::string>{"error"});
    CHECK_FALSE(event.has("error"));
    CHECK_FALSE(event.has("fd"));
  }
}

TEST_CASE("io_uring untold: reads and writes without a result are lost, those of pipes are not missed") {
  for (const std::string asked : {"io", "read,write"}) {
    CAPTURE(asked);
    const Untold skip("skip_io", asked);
    CHECK(skip.report.code == 3);
    CHECK(skip.events.empty());
    CHECK(told_totals(skip.report).empty());
    CHECK(skip.report.lost() == 2);
    for (const Event& lost : skip.report.of("lost")) CHECK(lost.text("reason") == "no_result");
  }
}

TEST_CASE("io_uring untold: what hung on a failed request without a result was cancelled") {
  const Untold skip("skip_chain");
  CHECK(skip.report.code == 0);
  REQUIRE(skip.events.size() == 2);
  CHECK(skip.events[0].unreadable("error"));
  INFO(skip.events[1].line());
  CHECK(skip.events[1].kind() == "mkdir");
  CHECK(skip.events[1].text("path") == skip.directory.file("never"));
  REQUIRE(skip.events[1].has("error"));
  CHECK(skip.events[1].text("error") == "ECANCELED");
}

TEST_CASE("io_uring untold: results that found no room are told, or counted as lost") {
  const Untold overflow("overflow", "mkdir");
  REQUIRE(overflow.requests.size() == 16);
  CHECK(overflow.events.size() + static_cast<size_t>(overflow.report.lost()) == 16);
  CHECK(overflow.report.code == (overflow.report.lost() ? 3 : 0));
  for (const Event& lost : overflow.report.of("lost")) CHECK(lost.text("reason") == "no_result");
  CHECK(overflow.events.size() >= 2);
  size_t at = 0;
  for (const Event& event : overflow.events) {
    INFO(event.line());
    while (at < 16 && overflow.requests[at].text("path") != event.text("path")) at++;
    REQUIRE(at < 16);
    CHECK(event.has("error") == overflow.requests[at].has("error"));
    at++;
  }
}

TEST_CASE("io_uring untold: of requests that cannot be told apart none is taken for another") {
  const Untold overflow("overflow_shared", "mkdir,unlink");
  CHECK(overflow.report.code == 3);
  const size_t half = overflow.requests.size() / 2;
  REQUIRE(half > 400);
  CHECK(overflow.events.size() + static_cast<size_t>(overflow.report.lost()) == 2 * half);
  for (const Event& lost : overflow.report.of("lost")) CHECK(lost.text("reason") == "no_result");
  // those that came when there was room again are all there
  REQUIRE(overflow.events.size() >= half);
  const size_t first = overflow.events.size() - half;
  for (size_t i = 0; i < overflow.events.size(); i++) {
    const Event& event = overflow.events[i];
    INFO(event.line());
    CHECK(event.kind() == (i < first ? "mkdir" : "unlink"));
    CHECK(event.has("error") == (i >= first));
    if (i >= first) CHECK(event.text("path") == overflow.requests[half + i - first].text("path"));
  }
}

}  // namespace aa::test
