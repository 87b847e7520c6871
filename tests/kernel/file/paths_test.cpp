// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Paths that /proc would not tell, or not in time.
#include "kernel/expect.hpp"

#include <doctest/doctest.h>

namespace aa::test {

TEST_CASE("a current directory that was removed") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "exec,exit"}, "removed_cwd");
  REQUIRE(report.code == 0);
  CHECK(check_calls(report) == 1);
  CHECK(check_exits(report) == 1);
  const Event exec = report.only("exec", report.truth.only("call").number("pid"));
  CHECK(exec.text("cwd") == directory.file("gone"));
  CHECK(exec.flag("cwd_deleted"));
}

TEST_CASE("a chroot: paths begin at the root of the mount namespace") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "exec,exit"}, "chroot_exec");
  REQUIRE(report.code == 0);
  CHECK(check_exits(report) == 3);
  const std::string jail = report.truth.only("outside").text("root");
  CHECK(jail == directory.file("jail"));

  const Fact program = report.truth.only("call", "case", "program");
  check_exec(report.only("exec", program.number("pid")), report.truth.only("self", "pid", program.text("pid")),
             {"/prog", jail + "/prog", jail + "/inner"});

  const Fact script = report.truth.only("call", "case", "script");
  const Event script_exec = report.only("exec", script.number("pid"));
  check_exec(script_exec, report.truth.only("self", "pid", script.text("pid")),
             {"script.sh", jail + "/prog", jail + "/inner"});
  CHECK(script_exec.text("script") == jail + "/inner/script.sh");

  const Fact missing = report.truth.only("failed", "case", "missing");
  const Event failed = report.only("exec", missing.number("pid"));
  CHECK(failed.text("error") == "ENOENT");
  CHECK(failed.text("filename") == "/missing");
  CHECK(failed.text("cwd") == jail + "/inner");
}

TEST_CASE("below mount points, in another mount namespace") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "exec,exit"}, "mounted_cwd");
  REQUIRE(report.code == 0);
  CHECK(check_calls(report) == 2);
  CHECK(check_exits(report) == 2);
  const Event mounted = report.only("exec", report.truth.only("call", "case", "mounted").number("pid"));
  CHECK(mounted.text("exe") == directory.file("fresh/inner/prog"));
  const Event bound = report.only("exec", report.truth.only("call", "case", "bound").number("pid"));
  CHECK(bound.text("exe") == directory.file("bound/prog"));
  CHECK(bound.text("cwd") == directory.file("bound"));
  const Fact missing = report.truth.only("failed");
  for (const Event& exec : report.of("exec", missing.number("pid"))) {
    if (exec.has("error")) check_failed_exec(exec, missing);
  }
}

TEST_CASE("deep directories") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "exec,exit"}, "deep_cwd");
  REQUIRE(report.code == 0);
  CHECK(check_exits(report) == 4);

  SUBCASE("whole up to 4095 bytes and 128 components") {
    for (const char* name : {"long_names", "long_path", "many_components"}) {
      INFO(name);
      const Fact call = report.truth.only("call", "case", name);
      const Fact self = report.truth.only("self", "pid", call.text("pid"));
      const Event exec = report.only("exec", call.number("pid"));
      check_exec(exec, self, {"./prog", "", ""});
      CHECK_FALSE(exec.flag("cwd_truncated"));
      CHECK_FALSE(exec.flag("exe_truncated"));
    }
    CHECK(report.truth.only("failed", "case", "long_path").text("cwd").size() > 3900);
  }
  SUBCASE("beyond that it is marked as cut, if it is cut") {
    const Fact call = report.truth.only("call", "case", "too_many_components");
    const Fact self = report.truth.only("self", "pid", call.text("pid"));
    const Event exec = report.only("exec", call.number("pid"));
    for (const char* key : {"cwd", "exe"}) {
      const bool whole = exec.text(key) == self.text(key);
      CHECK_MESSAGE(whole != exec.flag(std::string(key) + "_truncated"), key << ": " << exec.line());
    }
  }
  SUBCASE("and the same for a failed exec") {
    for (const Fact& failed : report.truth.of("failed")) {
      std::vector<Event> found;
      for (const Event& exec : report.of("exec", failed.number("pid"))) {
        if (exec.has("error") && exec.texts("argv") == failed.list("arg")) found.push_back(exec);
      }
      REQUIRE(found.size() == 1);
      const bool whole = found.front().text("cwd") == failed.text("cwd");
      CHECK(whole != found.front().flag("cwd_truncated"));
      if (failed.text("case") != "too_many_components") CHECK(whole);
    }
  }
}

}  // namespace aa::test
