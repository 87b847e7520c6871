// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Failed execs below a descriptor: which file was meant.
#include "kernel/trace.hpp"

#include <doctest/doctest.h>

namespace aa::test {

TEST_CASE("failed execs below a descriptor: the path that was meant") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "exec", "-x"}, "failed_execveat");
  REQUIRE_MESSAGE(report.code == 0, report.errors);
  const std::vector<Fact> asked = report.truth.of("asked");
  REQUIRE(asked.size() == 5);
  const std::vector<Event> events = report.of("exec", asked.front().number("pid"));
  REQUIRE(events.size() == asked.size());
  for (size_t i = 0; i < asked.size(); i++) {
    INFO(events[i].line());
    INFO(asked[i].line());
    CHECK(events[i].text("error") == asked[i].text("error"));
    CHECK(events[i].text("filename") == asked[i].text("filename"));
    CHECK(events[i].text("cwd") == "/");
    CHECK(events[i].has("path") == asked[i].has("path"));
    if (asked[i].has("path")) CHECK(events[i].text("path") == asked[i].text("path"));
    CHECK(events[i].flag("lexical") == asked[i].has("path"));
  }
}

}  // namespace aa::test
