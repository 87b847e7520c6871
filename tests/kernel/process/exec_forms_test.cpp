// SPDX-License-Identifier: MIT OR Apache-2.0
//
// fexecve and execveat: programs named by a descriptor.
#include "kernel/expect.hpp"

#include <doctest/doctest.h>

namespace aa::test {

TEST_CASE("a memfd is executed") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "exec,exit"}, "memfd_exec");
  REQUIRE(report.code == 0);
  CHECK(check_exits(report) == 2);
  const std::vector<std::pair<const char*, const char*>> cases = {{"execveat", "memfd:payload"},
                                                                  {"fexecve", "memfd:name with blanks"}};
  for (const auto& [name, exe] : cases) {
    const Fact call = report.truth.only("call", "case", name);
    const Fact self = report.truth.only("self", "pid", call.text("pid"));
    check_exec(report.only("exec", call.number("pid")), self, {"", exe, ""});
    CHECK(report.only("exit", call.number("pid")).text("exe") == exe);
  }
}

TEST_CASE("execveat in all its forms") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "exec,exit"}, "execveat_forms");
  REQUIRE(report.code == 0);
  CHECK(check_exits(report) == 13);

  SUBCASE("those that succeed: the filename exactly as given, the file that runs resolved") {
    CHECK(check_calls(report) == 8);
    for (const Fact& self : report.truth.of("self")) {
      const Event exec = report.only("exec", self.number("pid"));
      const bool removed = self.list("arg")[1] == "removed";
      CHECK(exec.text("exe") == directory.file(removed ? "bin/removed" : "bin/prog"));
      CHECK(exec.flag("exe_deleted") == removed);
    }
  }
  SUBCASE("a script by its descriptor") {
    for (const char* name : {"script", "script_empty_path"}) {
      const Fact call = report.truth.only("call", "case", name);
      CHECK(report.only("exec", call.number("pid")).text("script") == directory.file("bin/script.sh"));
    }
  }
  SUBCASE("those that fail") {
    int failures = 0;
    for (const Fact& failed : report.truth.of("failed")) {
      check_failed_exec(report.only("exec", failed.number("pid")), failed);
      failures++;
    }
    CHECK(failures >= 4);
    CHECK(report.truth.only("failed", "case", "nofollow").text("error") == "ELOOP");
  }
  SUBCASE("AT_EXECVE_CHECK executes nothing") {
    // Before 6.14 the flag is unknown: then it is one of the failures above.
    const std::vector<Fact> checked = report.truth.of("checked");
    if (checked.empty()) {
      CHECK(report.truth.only("failed", "case", "check").text("error") == "EINVAL");
    } else {
      CHECK(report.of("exec", checked.front().number("pid")).empty());
      CHECK(report.only("exit", checked.front().number("pid")).number("code") == 96);
    }
  }
}

TEST_CASE("execve and execveat as 32-bit system calls") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "exec,exit"}, "exec_compat");
  REQUIRE(report.code == 0);
  if (!report.is_supported()) {
    CHECK(report.of("exec").size() == 1);
    return;
  }
  CHECK(check_calls(report) == 1);
  CHECK(check_exits(report) == 1);
  const std::vector<Fact> failed = report.truth.of("failed");
  REQUIRE(failed.size() == 2);
  std::vector<Event> failures;
  for (const Event& exec : report.of("exec", failed.front().number("pid"))) {
    if (exec.has("error")) failures.push_back(exec);
  }
  REQUIRE(failures.size() == 2);
  for (size_t i = 0; i < failures.size(); i++) {
    check_failed_exec(failures[i], failed[i]);
    CHECK(failures[i].flag("compat"));
  }
}

}  // namespace aa::test
