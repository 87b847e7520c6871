// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Calls that a supervisor or a tracer answers in the kernel's place: what is not seen to have happened is marked.
#include "kernel/hooks.hpp"
#include "kernel/trace.hpp"

#include <doctest/doctest.h>

namespace aa::test {

namespace {

const std::vector<std::string> kNames = {"/victim", "/asked", "/other"};

// About the files of the workload.
bool is_about(const Event& event, const std::string& kind) {
  const std::string name = event.has("name") ? event.text("name") : event.has("path") ? event.text("path") : "";
  for (const std::string& file : kNames)
    if (event.kind() == kind && ("/" + name).ends_with(file)) return true;
  return false;
}

std::vector<Event> events_about(const Report& report, long long pid, const std::string& kind) {
  std::vector<Event> events;
  for (const Event& event : report.events)
    if (event.pid() == pid && is_about(event, kind)) events.push_back(event);
  return events;
}

void check_mark(const Event& event, const std::string& seen) {
  INFO(event.line());
  CHECK(event.has("error") == (seen == "not"));
  if (event.has("error")) CHECK(event.text("error") == "SECCOMP");
  CHECK(event.has("unverified") == (seen == "perhaps"));
}

}  // namespace

TEST_CASE("a call that is answered in the kernel's place: what cannot be seen is unverified") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "file,calls"}, "answered_calls");
  REQUIRE(report.code == 0);
  const std::vector<Fact> calls = report.truth.of("answered");
  REQUIRE(calls.size() == 17);
  for (const Fact& call : calls) {
    INFO(call.line());
    const std::string seen = call.text("seen"), kind = call.text("event");
    const std::vector<Event> events = events_about(report, call.number("pid"), kind);
    if (uses_functions() && seen != "ran" && call.text("case") != "opened after all") continue;
    CHECK(events.size() == 1);
    for (const Event& event : events) check_mark(event, seen);
    if (kind != "write") continue;
    const std::vector<Event> lines = events_about(report, call.number("pid"), "io");
    CHECK(lines.size() == 1);
    for (const Event& line : lines) check_mark(line, seen);
  }
}

}  // namespace aa::test
