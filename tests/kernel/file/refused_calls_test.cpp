// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Calls that seccomp refuses with a signal return something that looks like a success, though nothing was done.
#include "kernel/hooks.hpp"
#include "kernel/trace.hpp"

#include <doctest/doctest.h>

namespace aa::test {

namespace {

const std::vector<std::string> kCalls = {"-e", "exec,file,calls"};

std::vector<Event> events_of(const Report& report, long long pid) {
  std::vector<Event> events;
  for (const Event& event : report.events)
    if (event.kind() != "exit" && event.has("path") + event.has("filename") && event.pid() == pid)
      events.push_back(event);
  return events;
}

bool is_uncertain(const Fact& call) {
  return call.number("trapped") && (call.text("event") == "read" || call.text("event") == "write");
}

}  // namespace

TEST_CASE("a call that seccomp refuses with a signal did not happen") {
  const TempDir directory;
  const Report report = trace_command(directory, kCalls, "refused_calls");
  REQUIRE(report.code == 0);
  const std::vector<Fact> refused = report.truth.of("refused");
  REQUIRE(refused.size() == 16);
  for (const Fact& call : refused) {
    INFO(call.line());
    int told = 0;
    for (const Event& event : events_of(report, call.number("pid"))) {
      INFO(event.line());
      if (event.kind() == call.text("event")) {
        told++;
        // a number of bytes that was trapped can be a true one
        if (is_uncertain(call)) {
          CHECK(event.has("unverified"));
          continue;
        }
        CHECK(event.has("error"));
        if (event.has("error")) CHECK(event.text("error") == "SECCOMP");
        CHECK_FALSE(event.has("fd") + event.has("bytes") == 2);
      } else if (event.kind() == "io") {
        CHECK((is_uncertain(call) && event.has("unverified")));
      } else {
        CHECK(event.kind() == "close");
      }
    }
    // the functions of the fexit engine do not run at all
    CHECK(told == (uses_functions() ? 0 : 1));
  }
}

TEST_CASE("a call that seccomp refuses with a signal is a failure to --failed and --successful") {
  const TempDir directory, other;
  const Report failed = trace_command(directory, {"-x", "-e", "exec,file,calls"}, "refused_calls");
  const Report successful = trace_command(other, {"-z", "-e", "exec,file,calls"}, "refused_calls");
  REQUIRE(failed.code == 0);
  REQUIRE(successful.code == 0);
  for (const Fact& call : failed.truth.of("refused"))
    if (!is_uncertain(call)) CHECK(events_of(failed, call.number("pid")).size() == (uses_functions() ? 0 : 1));
  for (const Fact& call : successful.truth.of("refused"))
    if (!is_uncertain(call)) CHECK(events_of(successful, call.number("pid")).empty());
}

TEST_CASE("a call does not look refused because its process sends itself the signal") {
  const TempDir directory;
  const Report report = trace_command(directory, kCalls, "refused_calls");
  REQUIRE(report.code == 0);
  const Fact told = report.truth.only("pretended");
  const long long pid = told.number("pid");
  long long calls = 0, bytes = 0;
  for (const Event& event : report.of("write", pid)) {
    INFO(event.line());
    CHECK_FALSE(event.has("error"));
    if (!event.text("path").ends_with("/written")) continue;
    calls++;
    bytes += event.number("bytes");
  }
  CHECK(calls == told.number("writes"));
  CHECK(bytes == told.number("bytes"));
}

TEST_CASE("a call that only looks refused is told, and its bytes are counted") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "file"}, "forged_refusal");
  REQUIRE(report.code == 0);
  const Fact hidden = report.truth.only("hidden");
  const std::string path = directory.file("hidden");
  int opened = 0;
  long long written = 0;
  for (const Event& event : report.of("open", hidden.number("pid")))
    opened += event.has("path") && event.text("path") == path && !event.has("error");
  for (const Event& event : report.of("io", hidden.number("pid")))
    if (event.has("path") && event.text("path") == path) written += event.number("written_bytes");
  CHECK(opened == 1);
  CHECK(written == hidden.number("bytes"));
}

}  // namespace aa::test
