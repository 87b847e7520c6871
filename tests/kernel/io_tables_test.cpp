// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A descriptor is of a table, not of a process: threads can have tables of their own, and each of them has its own end.
#include "io_lines.hpp"

#include <doctest/doctest.h>

#include <set>

namespace aa::test {

namespace {

Report own_tables(const TempDir& directory, const std::string& way) {
  return trace_command(directory, {"-e", "io,mkdir,exit", "--io-interval", "0"}, "io_own_tables", {way});
}

}  // namespace

TEST_CASE("threads with tables of their own: one closing line for each descriptor, with what went through it") {
  std::string way;
  SUBCASE("by unshare") { way = "unshare"; }
  SUBCASE("by close_range") { way = "close_range"; }
  const TempDir directory;
  const Report report = own_tables(directory, way);
  REQUIRE(report.code == 0);
  REQUIRE(report.truth.of("written").size() == 3);
  size_t line = 0, joined = 0, ended = 0;
  for (const Fact& fact : report.truth.of("written")) {
    INFO(fact.line());
    std::vector<Event> told;
    for (const Event& io : report.of("io", fact.number("pid")))
      if (io.text("path") == directory.file(fact.text("path"))) told.push_back(io);
    REQUIRE(told.size() == 1);
    CHECK(told.front().flag("closed"));
    CHECK(totals_of(told.front()) == Totals{0, 0, fact.number("writes"), fact.number("bytes")});
  }
  for (size_t i = 0; i < report.events.size(); i++) {
    const Event& event = report.events[i];
    if (event.kind() == "mkdir") joined = i;
    if (event.kind() != "io" || !event.has("path")) continue;
    if (event.text("path") == directory.file("two")) line = i;
    if (event.text("path") == directory.file("one")) ended = i;
  }
  // the table of the thread goes with the thread
  CHECK(line < joined);
  CHECK(joined < ended);
}

TEST_CASE("more counted descriptors than the end of a process has time for: each has its line, before the exit") {
  constexpr int kDescriptors = 3000;
  const TempDir directory;
  Workload many(directory, "io_many", {std::to_string(kDescriptors)});
  const std::string pid = many.await_ready().text("pid");
  Trace trace(directory, {"-e", "io,exit", "--io-interval", "0", "--pid", pid});
  trace.await_start();
  many.go();
  many.await("written");
  many.go();
  many.finish();
  const Report report = trace.finish();
  REQUIRE(report.code == 0);
  int right = 0, after = 0;
  std::set<long long> ended;
  for (const Event& event : report.events) {
    if (event.kind() == "exit") ended.insert(event.pid());
    if (event.kind() != "io") continue;
    after += ended.contains(event.pid());
    if (!event.has("path") || event.text("path") != directory.file("many")) continue;
    CHECK(event.flag("closed"));
    right += totals_of(event) == Totals{0, 0, 1, event.number("fd") % 10 + 1};
  }
  CHECK(right == kDescriptors);
  CHECK(after == 0);
}

}  // namespace aa::test
