// SPDX-License-Identifier: MIT OR Apache-2.0
//
// `proc`: one id for all events of a process, that no other process has.
#include "kernel/trace.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>

namespace aa::test {

namespace {

std::set<std::string> ids_of(const Report& report, long long pid) {
  std::set<std::string> ids;
  for (const Event& event : report.events)
    if (event.pid() == pid) ids.insert(event.text("proc"));
  return ids;
}

void check_ids(const Report& report) {
  const std::vector<Fact> processes = report.truth.of("identity");
  REQUIRE(processes.size() == 3);
  for (const Fact& process : processes) {
    INFO(process.line());
    const std::set<std::string> ids = ids_of(report, process.number("pid"));
    REQUIRE(ids.size() == 1);
    const std::string& id = *ids.begin();
    CHECK(id.starts_with(process.text("pid") + "-"));
    const long long began = std::stoll(id.substr(id.find('-') + 1));
    CHECK(began / (1'000'000'000 / process.number("per_second")) == process.number("ticks"));
    // of each kind, also those that are put together in user space
    for (const char* kind : {"exit", "open", "io"}) CHECK_FALSE(report.of(kind, process.number("pid")).empty());
  }
}

}  // namespace

TEST_CASE("proc is the pid and the start of the process, the same in all of its events") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "all"}, "identity");
  REQUIRE(report.code == 0);
  check_ids(report);
}

TEST_CASE("two processes with one pid have two ids") {
  const TempDir directory;
  const std::string program = workload_path("print_self");
  // a number that nobody has for now, twice
  Trace trace(directory, {"-e", "exec", "--as-root", "--", "/bin/sh", "-c",
                          "true & pid=$!; wait; " + workload_path("reused_pid") + " $pid " + program + "; " +
                              workload_path("reused_pid") + " $pid " + program});
  const Report report = trace.finish();
  std::map<long long, std::set<std::string>> ids;
  for (const Event& exec : report.of("exec"))
    if (exec.has("filename") && exec.bytes("filename") == program) ids[exec.pid()].insert(exec.text("proc"));
  REQUIRE(ids.size() == 1);
  CHECK(ids.begin()->second.size() == 2);
}

}  // namespace aa::test
