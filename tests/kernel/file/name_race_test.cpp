// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/hooks.hpp"
#include "kernel/trace.hpp"

#include <doctest/doctest.h>

namespace aa::test {

namespace {

struct Counts {
  int done = 0, failed = 0, rewritten = 0, wrong = 0;
};

// Each call against what its caller saw go away. Without hooks the caller's string is all there is, and marked as that.
Counts compare(const std::vector<Event>& events, const std::vector<Fact>& calls) {
  Counts counts;
  for (size_t i = 0; i < calls.size(); i++) {
    const bool failed = calls[i].has("error");
    const bool told = failed == events[i].has("error") && (failed ? events[i].text("error") == calls[i].text("error")
                                                                  : events[i].has("lexical") != names_are_resolved());
    const bool same = failed || !names_are_resolved() || events[i].text("path") == calls[i].text("path");
    if ((!told || !same) && ++counts.wrong <= 3) FAIL_CHECK(events[i].line() << "\n" << calls[i].line());
    failed ? counts.failed++ : counts.done++;
    // told only where the caller's string says something else by then
    counts.rewritten += !failed && names_are_resolved() && events[i].has("name");
  }
  return counts;
}

}  // namespace

TEST_CASE("a path that another thread rewrites during unlink and rename: the file that was removed, 10,000 of 10,000") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "unlink,rename"}, "name_race", {"5000"});
  REQUIRE_MESSAGE(report.code == 0, report.errors);
  CHECK(report.lost() == 0);
  const Fact raced = report.truth.only("raced");
  int all = 0, done = 0, rewritten = 0;
  for (const char* kind : {"unlink", "rename"}) {
    const std::vector<Event> events = report.of(kind, raced.number("pid"));
    const std::vector<Fact> calls = report.truth.of(kind);
    REQUIRE(calls.size() >= 500);  // of 5000: the machine is busy
    REQUIRE(events.size() == calls.size());
    const Counts counts = compare(events, calls);
    CHECK(counts.wrong == 0);
    CHECK(counts.done + counts.failed == static_cast<int>(calls.size()));
    all += counts.done + counts.failed;
    done += counts.done;
    rewritten += counts.rewritten;
  }
  MESSAGE(done << " done, " << rewritten << " of them rewritten before the call returned");
  if (raced.number("alone")) return;
  CHECK(done > all / 10);
  if (names_are_resolved()) CHECK(rewritten > all / 100);
}

}  // namespace aa::test
