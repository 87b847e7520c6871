// SPDX-License-Identifier: MIT OR Apache-2.0
//
// exit: once for a process, when its last thread has ended, with the status its parent gets.
#include "kernel/expect.hpp"

#include <doctest/doctest.h>

#include <fstream>

namespace aa::test {

namespace {

const std::vector<std::string> kExits = {"-e", "exit"};

// The pattern is the machine's; what was there comes back.
class CorePattern {
 public:
  CorePattern() : before_(read_file(kPath)) { write("core"); }
  ~CorePattern() { write(before_); }

 private:
  static constexpr const char* kPath = "/proc/sys/kernel/core_pattern";

  void write(const std::string& pattern) {
    if (before_ != "core\n") std::ofstream(kPath) << pattern;
  }

  std::string before_;
};

}  // namespace

TEST_CASE("every exit code") {
  const TempDir directory;
  const Report report = trace_command(directory, kExits, "exit_codes");
  REQUIRE(report.code == 0);
  CHECK(check_exits(report) == 256);
  // The children, and COMMAND itself.
  CHECK(report.of("exit").size() == 257);
}

TEST_CASE("death by signal has the signal's name") {
  const TempDir directory;
  std::vector<std::string> numbers;
  for (const int number : {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 24, 25, 26, 27, 29, 30, 31, 34, 37})
    numbers.push_back(std::to_string(number));
  const Report report = trace_command(directory, kExits, "killed_by_signal", numbers);
  REQUIRE(report.code == 0);
  CHECK(check_exits(report) == static_cast<int>(numbers.size()));
  for (const Fact& gone : report.truth.of("gone")) CHECK(gone.has("signal"));
}

TEST_CASE("a process whose last thread is one that the kernel made for io_uring") {
  const TempDir directory;
  const Report report = trace_command(directory, kExits, "sqpoll_exit", {"200"});
  REQUIRE(report.code == 0);
  CHECK(check_exits(report) == 200);
  CHECK(report.of("exit").size() == 201);
  for (const Event& exit : report.of("exit")) CHECK(exit.text("comm") == "sqpoll_exit");
}

TEST_CASE("a core dump is told, and only where there was one") {
  const CorePattern pattern;
  const TempDir directory;
  const Report report = trace_command(directory, kExits, "dumps_core");
  REQUIRE(report.code == 0);
  CHECK(check_exits(report) == 2);
  const std::vector<Fact> gone = report.truth.of("gone");
  REQUIRE(gone.size() == 2);
  REQUIRE_MESSAGE(gone[0].number("core") == 1, "this machine dumps no core: " << gone[0].line());
  CHECK(report.only("exit", gone[0].number("pid")).flag("core_dumped"));
  CHECK_FALSE(report.only("exit", gone[1].number("pid")).has("core_dumped"));
}

TEST_CASE("duration lies between what the process and its parent measured") {
  const TempDir directory;
  const Report report = trace_command(directory, kExits, "lives_for");
  REQUIRE(report.code == 0);
  CHECK(check_exits(report) == 4);
  // The last digit is a microsecond.
  const double rounding = 1e-6;
  for (const Fact& lived : report.truth.of("lived")) {
    const Fact outlived = report.truth.only("outlived", "pid", lived.text("pid"));
    const double duration = report.only("exit", lived.number("pid")).real("duration");
    CHECK(duration >= static_cast<double>(lived.number("at_least")) / 1e9 - rounding);
    CHECK(duration <= static_cast<double>(outlived.number("at_most")) / 1e9 + rounding);
  }
}

TEST_CASE("a leader that ends before its threads is no end of the process") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "process"}, "leader_exits_first");
  REQUIRE(report.code == 0);
  CHECK(check_exits(report) == 6);
  REQUIRE(report.truth.of("last").size() == 5);
  for (const Fact& last : report.truth.of("last")) {
    const Event exit = report.only("exit", last.number("pid"));
    INFO(exit.line());
    // The leader ended 20 ms before that; the two clocks are read at different moments.
    CHECK(exit.realtime() > last.number("realtime") - 1'000'000);
    CHECK(report.of("exit", last.number("tid")).empty());
  }
  CHECK(report.of("exit").size() == 7);
}

TEST_CASE("two threads that end at the same instant are one end") {
  const int kRounds = scaled(2000, 200);
  const TempDir directory;
  const Report report = trace_command(directory, kExits, "threads_exit_together", {std::to_string(kRounds)});
  REQUIRE(report.code == 0);
  CHECK(check_exits(report) == kRounds);
  CHECK(report.of("exit").size() == 1UL + kRounds);
}

}  // namespace aa::test
