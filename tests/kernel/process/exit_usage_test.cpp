// SPDX-License-Identifier: MIT OR Apache-2.0
//
// exit: what the process has used, as wait4(2) tells its parent.
#include "kernel/trace.hpp"

#include <doctest/doctest.h>

#include <cmath>

namespace aa::test {

namespace {

const std::vector<std::string> kExits = {"-e", "exit"};

// Seconds: ticks of the slowest clock, and what the process still does when its exit was told. What is compared is six
// times as long.
constexpr double kClose = 0.05;

struct Used {
  Event exit;
  Fact told;
  double user, system;  // s
};

Used used_by(const Report& report, const std::string& what) {
  const Fact told = report.truth.only("used", "what", what);
  return {report.only("exit", told.number("pid")), told, static_cast<double>(told.number("user")) / 1e6,
          static_cast<double>(told.number("system")) / 1e6};
}

void check_times(const Used& used) {
  INFO(used.exit.line());
  INFO(used.told.line());
  CHECK(std::abs(used.exit.real("user_time") - used.user) < kClose);
  CHECK(std::abs(used.exit.real("system_time") - used.system) < kClose);
}

void check_memory(const Used& used) {
  INFO(used.exit.line());
  INFO(used.told.line());
  CHECK(used.exit.number("max_rss") == used.told.number("max_rss"));
}

}  // namespace

TEST_CASE("exit: time in the program and in the kernel are told apart") {
  const TempDir directory;
  const Report report = trace_command(directory, kExits, "exit_usage", {"user", "system"});
  REQUIRE(report.code == 0);
  const Used user = used_by(report, "user"), system = used_by(report, "system");
  // the workload did what it is for
  REQUIRE(user.user > 4 * kClose);
  REQUIRE(user.system < user.user / 2);
  REQUIRE(system.system > 4 * kClose);
  REQUIRE(system.user < system.system / 2);
  for (const Used& used : {user, system}) {
    check_times(used);
    check_memory(used);
  }
}

TEST_CASE("exit: time of all threads counts, whichever of them ended first") {
  const TempDir directory;
  const Report report = trace_command(directory, kExits, "exit_usage", {"threads"});
  REQUIRE(report.code == 0);
  const Used used = used_by(report, "threads");
  REQUIRE(used.user + used.system > 4 * kClose);
  check_times(used);
  if (!used.exit.unreadable("max_rss")) check_memory(used);
}

TEST_CASE("exit: memory that was given back before counts") {
  const TempDir directory;
  const Report report = trace_command(directory, kExits, "exit_usage", {"memory", "nothing"});
  REQUIRE(report.code == 0);
  const Used memory = used_by(report, "memory"), nothing = used_by(report, "nothing");
  REQUIRE(memory.told.number("max_rss") > 48 * 1024);
  REQUIRE(nothing.told.number("max_rss") < 24 * 1024);
  for (const Used& used : {memory, nothing}) check_memory(used);
  check_times(nothing);
}

TEST_CASE("exit: what children have used is theirs") {
  const TempDir directory;
  const Report report = trace_command(directory, kExits, "exit_usage", {"child"});
  REQUIRE(report.code == 0);
  const Used used = used_by(report, "child");
  INFO(used.exit.line());
  // wait4() tells of both
  REQUIRE(used.user > 4 * kClose);
  REQUIRE(used.told.number("max_rss") > 32 * 1024);
  CHECK(used.exit.real("user_time") < kClose);
  CHECK(used.exit.number("max_rss") < 24 * 1024);
}

TEST_CASE("exit: what was used is for programs that read it: text has none of it") {
  const TempDir directory;
  const Report report = trace_command(directory, kExits, "exit_usage", {"nothing"}, Trace::Format::kText);
  REQUIRE(report.code == 0);
  CHECK(report.text.find("duration=") != std::string::npos);
  for (const char* key : {"max_rss", "user_time", "system_time"}) CHECK(report.text.find(key) == std::string::npos);
}

}  // namespace aa::test
