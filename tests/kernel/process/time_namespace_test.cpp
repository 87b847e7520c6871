// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Times in a time namespace, where CLOCK_BOOTTIME is not the one that the kernel stamps events with.
#include "kernel/expect.hpp"
#include "kernel/io/io_lines.hpp"

#include <doctest/doctest.h>

#include <chrono>

namespace aa::test {

namespace {

long long time_of_day() {
  using std::chrono::nanoseconds, std::chrono::system_clock;
  return std::chrono::duration_cast<nanoseconds>(system_clock::now().time_since_epoch()).count();
}

std::vector<std::string> in_namespace(const std::string& seconds) {
  return {workload_path("in_time_namespace"), seconds};
}

void check_times(const Report& report, long long before, long long after) {
  for (const Event& event : report.events) {
    INFO(event.line());
    // what came before the trace is shown at its begin, and a line may be dated back by 10 ms
    CHECK(event.realtime() >= before);
    CHECK(event.realtime() <= after);
    CHECK(event.real("elapsed") <= report.end->real("elapsed"));
  }
  CHECK(report.end->real("elapsed") <= static_cast<double>(after - before) / 1e9);
}

}  // namespace

TEST_CASE("aa-trace in a time namespace") {
  std::string seconds;
  SUBCASE("ahead") { seconds = "100000"; }
  SUBCASE("behind") { seconds = "-2"; }
  SUBCASE("at the same time") { seconds = "0"; }
  const TempDir directory;
  std::vector<std::string> program = in_namespace(seconds);
  for (const std::string& word : aa_trace_command()) program.push_back(word);
  const long long before = time_of_day();
  Trace trace(directory,
              {"-e", "exec,exit,io", "--as-root", "--", workload_path("writing_child"), directory.file("written")},
              Trace::Format::kJson, program);
  const Report report = trace.finish();
  CHECK(report.code == 0);
  CHECK(report.of("exec").size() >= 1);
  CHECK(report.of("exit").size() >= 1);
  CHECK(report.of("io").size() >= 1);
  CHECK(report.end->text("reason") == "ended");
  check_times(report, before, time_of_day());
}

TEST_CASE("aa-trace in a time namespace ends after its duration, and has interim io lines") {
  const TempDir directory;
  Workload stays(directory, "io_stays");
  const long long pid = stays.await_ready().number("pid");
  std::vector<std::string> program = in_namespace("100000");
  for (const std::string& word : aa_trace_command()) program.push_back(word);
  const long long before = time_of_day();
  Trace trace(directory, {"-e", "io,mkdir", "--io-interval", "0.05", "--duration", "8", "--pid", std::to_string(pid)},
              Trace::Format::kJson, program);
  trace.await_start();
  stays.go();
  trace.await_event([](const Event& event) { return event.kind() == "mkdir"; });
  trace.await_event([](const Event& event) { return event.kind() == "io" && !event.flag("closed"); });
  const Report report = trace.finish();
  CHECK(report.code == 0);
  CHECK(report.end->text("reason") == "duration");
  check_times(report, before, time_of_day());
  stays.stop();
  stays.finish();
}

TEST_CASE("COMMAND in a time namespace") {
  const TempDir directory;
  const long long before = time_of_day();
  const Report report =
      trace_command(directory, {"-e", "exec,exit"}, "in_time_namespace", {"100000", workload_path("print_self")});
  CHECK(report.code == 0);
  CHECK(report.of("exec").size() == 2);
  CHECK(report.of("exit").size() == 1);
  check_times(report, before, time_of_day());
}

}  // namespace aa::test
