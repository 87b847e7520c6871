// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Opens of threads that share descriptors: nothing is in doubt where nobody touches the numbers.
#include "kernel/trace.hpp"

#include <doctest/doctest.h>

namespace aa::test {

namespace {

void check_opens(const std::vector<std::string>& arguments) {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "open"}, "open_shared", arguments);
  REQUIRE_MESSAGE(report.code == 0, report.errors);
  if (!report.is_supported()) return;
  CHECK(report.lost() == 0);
  const std::vector<Fact> opened = report.truth.of("opened");
  REQUIRE(opened.size() == 12);
  const std::vector<Event> events = report.of("open", opened.front().number("pid"));
  size_t at = 0;
  for (const Fact& fact : opened) {
    CAPTURE(fact.line());
    const auto is_it = [&](const Event& event) {
      return event.has("fd") && event.number("fd") == fact.number("fd") && event.text("flags") == fact.text("flags") &&
             event.has("path") && event.text("path") == fact.text("path");
    };
    while (at < events.size() && !is_it(events[at])) at++;
    REQUIRE(at < events.size());
    const Event& event = events[at++];
    INFO(event.line());
    CHECK(event.flag("created") == fact.number("created"));
    for (const std::string key : {"doubtful", "unverified", "flags_truncated", "unreadable", "lexical", "deleted"})
      CHECK_FALSE_MESSAGE(event.has(key), key);
  }
}

}  // namespace

TEST_CASE("open shared: each is what was opened") { check_opens({}); }

TEST_CASE("open shared: on an overlay, which opens the files below it") { check_opens({"overlay"}); }

}  // namespace aa::test
