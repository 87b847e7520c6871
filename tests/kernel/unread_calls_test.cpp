// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Calls of which something can no longer be known when they return: it is said what that is.
#include "trace.hpp"

#include <doctest/doctest.h>

namespace aa::test {

TEST_CASE("mmap: arguments in memory that it maps over are unreadable, not missing") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "mmap"}, "old_mmap");
  REQUIRE_MESSAGE(report.code == 0, report.errors);
  if (!report.is_supported()) return;
  const Fact mapped = report.truth.only("mapped");
  const std::vector<Event> events = report.of("mmap", mapped.number("pid"));
  REQUIRE(events.size() == 2);
  INFO(events[0].line());
  CHECK(events[0].texts("unreadable") == std::vector<std::string>{"path", "fd", "length"});
  for (const char* key : {"fd", "length", "path"}) CHECK_FALSE(events[0].has(key));
  CHECK(events[1].number("fd") == mapped.number("fd"));
  CHECK(events[1].number("length") == 4096);
  CHECK_FALSE(events[1].has("unreadable"));
}

TEST_CASE("open: another file under its number is doubtful") {
  const int kRounds = scaled(5000, 500);
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "open"}, "open_replaced", {std::to_string(kRounds)});
  REQUIRE_MESSAGE(report.code == 0, report.errors);
  CHECK(report.lost() == 0);
  const Fact made = report.truth.only("made");
  CHECK(made.number("count") > 0);
  int right = 0, doubtful = 0, wrong = 0;
  for (const Event& event : report.of("open", made.number("pid"))) {
    if (event.has("error") || event.number("fd") != made.number("fd") ||
        !event.text("flags").starts_with("O_WRONLY|O_CREAT|O_EXCL"))
      continue;
    const bool is_victim = event.has("path") && event.text("path").starts_with(directory.file("victim "));
    if (is_victim && !event.has("doubtful")) right++;
    else if (event.has("doubtful")) doubtful++;
    else if (++wrong <= 3) FAIL_CHECK(event.line());
  }
  CHECK(wrong == 0);
  CHECK(right + doubtful == made.number("count"));
  MESSAGE(right << " right, " << doubtful << " doubtful");
}

TEST_CASE("open: nobody can know whether one that fails for O_DIRECT has made its file") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "open"}, "direct_create");
  REQUIRE_MESSAGE(report.code == 0, report.errors);
  if (!report.is_supported()) return;
  const Fact failed = report.truth.only("failed");
  for (const Event& event : report.of("open", failed.number("pid"))) {
    if (!event.has("name") || event.text("name") != failed.text("name")) continue;
    INFO(event.line());
    CHECK(event.text("error") == "EINVAL");
    const bool said = event.has("created") ||
                      (event.has("unreadable") && event.texts("unreadable") == std::vector<std::string>{"created"});
    CHECK(said);
    return;
  }
  FAIL("no event");
}

}  // namespace aa::test
