// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Calls of which something can no longer be known when they return: it is said what that is.
#include "kernel/hooks.hpp"
#include "kernel/trace.hpp"

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

TEST_CASE("open: one that fails for O_DIRECT has made its file, or nobody can know") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "open"}, "direct_create");
  REQUIRE_MESSAGE(report.code == 0, report.errors);
  if (!report.is_supported()) return;
  const std::vector<Fact> calls = report.truth.of("failed");
  REQUIRE(calls.size() == 2);
  for (const Fact& failed : calls) {
    std::vector<Event> events = report.of("open", failed.number("pid"));
    std::erase_if(events,
                  [&](const Event& event) { return !event.has("name") || event.text("name") != failed.text("name"); });
    REQUIRE(events.size() == 1);
    const Event& event = events.front();
    INFO(event.line());
    CHECK(event.text("error") == "EINVAL");
    const bool made = names_are_resolved() && failed.number("created");
    CHECK(event.flag("created") == made);
    CHECK(event.flag("lexical") != made);
    if (made) CHECK(event.text("path") == failed.text("path"));
    CHECK(event.has("unreadable") != names_are_resolved());
    if (event.has("unreadable")) CHECK(event.texts("unreadable") == std::vector<std::string>{"created"});
  }
}

}  // namespace aa::test
