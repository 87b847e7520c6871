// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A descriptor is of a table, not of a process: threads can have tables of their own, and each of them has its own end.
#include "kernel/io/io_lines.hpp"

#include <doctest/doctest.h>

#include <set>

namespace aa::test {

namespace {

Report own_tables(const TempDir& directory, const std::string& way) {
  return trace_command(directory, {"-e", "io,mkdir,exit", "--io-interval", "0"}, "io_own_tables", {way});
}

// Descriptors of one file, more than the program at their end has time for.
constexpr int kMany = 900;

std::vector<Event> lines_of_left(const Report& report, const TempDir& directory) {
  std::vector<Event> lines;
  for (const Event& event : report.of("io"))
    if (event.has("path") && event.text("path") == directory.file("left")) lines.push_back(event);
  return lines;
}

Report leave(const TempDir& directory, std::vector<std::string> options, const std::string& way, int times = 1) {
  return trace_command(directory, std::move(options), "io_left", {way, std::to_string(kMany), std::to_string(times)});
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

TEST_CASE("what an end had no time for: no more lines than --count asks for") {
  const TempDir directory;
  const Report report = leave(directory, {"-e", "io", "--count", "500"}, "exit");
  CHECK(report.code == 0);
  CHECK(report.of("io").size() == 500);
}

TEST_CASE("what an end had no time for: each of a traced process is unverified") {
  const TempDir directory;
  const Report report = leave(directory, {"-e", "io"}, "traced");
  REQUIRE(report.code == 0);
  const std::vector<Event> lines = lines_of_left(report, directory);
  CHECK(lines.size() == kMany);
  for (const Event& line : lines) CHECK(line.flag("unverified"));
}

// Together more than the kernel's map has room for: what stayed in it would be counted as lost. The ring buffer is
// large, so that nothing is for another reason.
TEST_CASE("what an end had no time for leaves nothing in the kernel") {
  const int times = scaled(400, 4);
  const TempDir directory;
  SUBCASE("of processes") {
    const Report report =
        leave(directory, {"-e", "io", "--buffer", "128M", "-P", directory.file("nothing")}, "exit", times);
    CHECK(report.code == 0);
  }
  SUBCASE("of tables of threads, of files that rules allow") {
    const Report report =
        leave(directory, {"-e", "io", "--buffer", "128M", "--allow", directory.file("left")}, "thread", times);
    CHECK(report.code == 0);
    CHECK(lines_of_left(report, directory).empty());
  }
}

TEST_CASE("two long calls of close_range: what both closed is told while the process lives") {
  const TempDir directory;
  const Report report = leave(directory, {"-e", "io,mkdir"}, "ranges");
  REQUIRE(report.code == 0);
  REQUIRE(report.of("mkdir").size() == 1);
  const Event closed = report.of("mkdir").front();
  size_t before = 0;
  for (const Event& line : lines_of_left(report, directory)) before += line.real("elapsed") <= closed.real("elapsed");
  CHECK(before >= kMany);
  CHECK(lines_of_left(report, directory).size() >= kMany);
}

}  // namespace aa::test
