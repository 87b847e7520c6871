// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Scripts: filename is what was asked for, exe what runs, argv what it received.
#include "kernel/expect.hpp"

#include <doctest/doctest.h>

#include <filesystem>

namespace aa::test {

namespace {

std::string resolved(const std::string& path) {
  std::error_code error;
  const std::filesystem::path real = std::filesystem::canonical(path, error);
  return error ? "cannot resolve " + path : real.string();
}

// The contract says absolute; whether symbolic links in it are resolved is left open.
void check_script(const Event& exec, const std::string& script) {
  INFO(exec.line());
  const std::string told = exec.text("script");
  CHECK(told.front() == '/');
  CHECK(told.find("/../") == std::string::npos);
  CHECK(told.find("/./") == std::string::npos);
  CHECK(resolved(told) == script);
}

}  // namespace

TEST_CASE("scripts with a #! line") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "exec,exit"}, "script_exec");
  REQUIRE(report.code == 0);
  CHECK(check_calls(report) == 5);
  CHECK(check_exits(report) == 7);
  for (const char* name : {"plain", "relative", "symlink_directory", "with_argument", "nested"}) {
    INFO(name);
    const Fact call = report.truth.only("call", "case", name);
    const Event exec = report.only("exec", call.number("pid"));
    check_script(exec, report.truth.only("script", "case", name).text("script"));
    CHECK(exec.text("exe") == directory.file("interp"));
  }
}

TEST_CASE("a script of the shell") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "exec"}, "script_exec");
  REQUIRE(report.code == 0);
  const Fact call = report.truth.only("call", "case", "shell");
  const Event exec = report.only("exec", call.number("pid"));
  check_script(exec, directory.file("shell.sh"));
  CHECK(exec.text("filename") == "./shell.sh");
  CHECK(exec.text("exe") == resolved("/bin/sh"));
  CHECK(exec.texts("argv") == std::vector<std::string>{"/bin/sh", "./shell.sh", "f"});
  CHECK(exec.number("ppid") == call.number("ppid"));
}

TEST_CASE("a script without a #! line: the call fails, then the shell is tried on it") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "exec"}, "script_exec");
  REQUIRE(report.code == 0);
  const Fact failed = report.truth.only("failed", "case", "no_line");
  const Fact call = report.truth.only("call", "case", "no_line");
  const std::vector<Event> execs = report.of("exec", call.number("pid"));
  REQUIRE(execs.size() == 2);
  check_failed_exec(execs[0], failed);
  CHECK_FALSE(execs[0].has("script"));
  CHECK_FALSE(execs[1].has("error"));
  CHECK_FALSE(execs[1].has("script"));
  CHECK(execs[1].text("filename") == "/bin/sh");
  CHECK(execs[1].text("exe") == resolved("/bin/sh"));
  CHECK(execs[1].texts("argv") == call.list("arg"));
}

TEST_CASE("a program that is no script has no script") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "exec"}, "vfork_exec");
  REQUIRE(report.code == 0);
  REQUIRE(report.of("exec").size() == 3);
  for (const Event& exec : report.of("exec")) CHECK_FALSE(exec.has("script"));
}

}  // namespace aa::test
