// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/trace.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace aa::test {

TEST_CASE("a path that another thread rewrites during open: what was opened is reported, 10,000 of 10,000 times") {
  const int kRounds = scaled(10000, 1000);
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "open"}, "file_race", {std::to_string(kRounds)});
  REQUIRE(report.code == 0);
  CHECK(report.lost() == 0);
  const Fact raced = report.truth.only("raced");
  std::vector<Event> events;
  // the C library opens something too, to know how many CPUs there are
  for (const Event& event : report.of("open", raced.number("pid")))
    if (event.text("path").starts_with(directory.file("name "))) events.push_back(event);
  const std::vector<Fact> opens = report.truth.of("open");
  const int done = static_cast<int>(opens.size());
  REQUIRE(done >= std::min(kRounds, 500));  // fewer than all: the machine is busy
  REQUIRE(events.size() == opens.size());

  int opened = 0, failed = 0, rewritten = 0, wrong = 0;
  for (size_t i = 0; i < opens.size(); i++) {
    const bool same = opens[i].has("error")
                          ? events[i].has("error") && events[i].text("error") == opens[i].text("error")
                          : !events[i].has("error") && events[i].text("path") == opens[i].text("path") &&
                                events[i].number("fd") == opens[i].number("fd");
    if (!same && ++wrong <= 3) FAIL_CHECK(events[i].line() << "\n" << opens[i].line());
    opens[i].has("error") ? failed++ : opened++;
    // told only where the caller's string says something else by then
    rewritten += !opens[i].has("error") && events[i].has("name");
  }
  CHECK(wrong == 0);
  CHECK(opened + failed == done);
  MESSAGE(opened << " opened, " << rewritten << " of them rewritten before the call returned");
  if (raced.number("alone")) return;
  CHECK(opened > done / 10);
  CHECK(rewritten > done / 100);
}

}  // namespace aa::test
