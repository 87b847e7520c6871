// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Descendants stay watched however they get away from the process that made them.
#include "kernel/expect.hpp"

#include <doctest/doctest.h>

namespace aa::test {

namespace {

// In a pid namespace of its own a process knows itself by another number: the arguments tell which case it was.
std::size_t seen(const Report& report, const Fact& call) {
  std::size_t count = 0;
  for (const Event& exec : report.of("exec")) count += !exec.has("error") && exec.texts("argv") == call.list("arg");
  return count;
}

std::size_t check_escapes(const Report& report, bool children) {
  CHECK_MESSAGE(report.code == 0, report.errors);
  CHECK(report.lost() == 0);
  const std::vector<Fact> calls = report.truth.of("call");
  for (const Fact& call : calls) {
    CAPTURE(call.line());
    const bool itself = call.text("case") == "the process itself";
    CHECK(seen(report, call) == (children || itself ? 1 : 0));
  }
  return calls.size();
}

}  // namespace

TEST_CASE("descendants that get away from their parents, of a process that is attached to") {
  for (int round = 0; round < scaled(5, 1); round++) {
    const TempDir directory;
    CHECK(check_escapes(trace_attached(directory, {"-e", "process"}, "escapes"), true) == 14);
  }
}

TEST_CASE("descendants that get away from their parents, without descendants") {
  const TempDir directory;
  CHECK(check_escapes(trace_attached(directory, {"-e", "process", "--no-watch-children"}, "escapes"), false) == 14);
}

TEST_CASE("descendants that get away from their parents, with --all") {
  const TempDir directory;
  Workload target(directory, "escapes");
  const long long pid = target.await_ready().number("pid");
  Trace trace(directory, {"-e", "process", "--all"});
  trace.await_start();
  target.go();
  const Truth truth = target.finish();
  trace.await_event([pid](const Event& event) { return event.kind() == "exit" && event.pid() == pid; });
  trace.interrupt();
  Report report = trace.finish();
  report.truth = truth;
  CHECK(check_escapes(report, true) == 14);
}

}  // namespace aa::test
