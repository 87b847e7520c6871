// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Failed execs, in the order in which one thread made them.
#include "kernel/expect.hpp"

#include <doctest/doctest.h>

namespace aa::test {

namespace {

struct Failures {
  TempDir directory;
  Report report;
  std::vector<Fact> truth;
  std::vector<Event> events;

  explicit Failures(const std::vector<std::string>& options) {
    report = trace_command(directory, options, "failed_exec");
    REQUIRE(report.code == 0);
    const Fact busy = report.truth.only("call", "case", "busy");
    for (const Fact& fact : report.truth.of("failed")) {
      if (fact.text("case") != "busy") truth.push_back(fact);
    }
    for (const Event& exec : report.of("exec", truth.front().number("pid"))) {
      if (exec.has("error")) events.push_back(exec);
    }
  }

  size_t index_of(const std::string& name) const {
    for (size_t i = 0; i < truth.size(); i++) {
      if (truth[i].text("case") == name) return i;
    }
    FAIL("the workload did not try " << name);
    return 0;
  }
};

const std::vector<std::string> kOdd = {"too_big", "bad_filename", "bad_argv", "bad_argument", "long_name"};

bool is_odd(const std::string& name) {
  for (const std::string& odd : kOdd) {
    if (odd == name) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("failed execs: every one, in order, with its error and what was asked for") {
  const Failures failures({"-e", "exec"});
  REQUIRE(failures.events.size() == failures.truth.size());
  int plain = 0;
  for (size_t i = 0; i < failures.truth.size(); i++) {
    INFO(failures.truth[i].line());
    CHECK(failures.events[i].text("error") == failures.truth[i].text("error"));
    if (is_odd(failures.truth[i].text("case"))) continue;
    check_failed_exec(failures.events[i], failures.truth[i]);
    CHECK(failures.events[i].text("comm") == "failed_exec");
    // What runs is still the caller.
    CHECK(failures.events[i].text("exe") == workload_path("failed_exec"));
    plain++;
  }
  CHECK(plain == 13);
}

TEST_CASE("failed execs: the workload met every error it is about") {
  const Failures failures({"-e", "exec"});
  for (const char* error : {"ENOENT", "EACCES", "ENOEXEC", "ENOTDIR", "ELOOP", "E2BIG", "EFAULT", "ENAMETOOLONG"}) {
    bool met = false;
    for (const Event& exec : failures.events) met = met || exec.text("error") == error;
    CHECK_MESSAGE(met, error);
  }
}

TEST_CASE("failed exec with an argument that is too big: the prefix that fits, and nothing about the rest") {
  const Failures failures({"-e", "exec"});
  REQUIRE(failures.events.size() == failures.truth.size());
  const size_t at = failures.index_of("too_big");
  const Event& exec = failures.events[at];
  const std::vector<std::string> passed = failures.truth[at].list("arg");
  const std::vector<std::string> told = exec.all_bytes("argv");
  CHECK(exec.text("filename") == "./good");
  CHECK(exec.flag("argv_truncated"));
  CHECK_FALSE(exec.has("argv_bytes"));
  REQUIRE(told.size() == 2);
  CHECK(told[0] == passed[0]);
  CHECK(told[1].size() > 32000);
  CHECK(passed[1].compare(0, told[1].size(), told[1]) == 0);
}

TEST_CASE("failed exec with bad pointers: what could not be read is absent and named") {
  const Failures failures({"-e", "exec"});
  REQUIRE(failures.events.size() == failures.truth.size());

  SUBCASE("the filename") {
    const Event& exec = failures.events[failures.index_of("bad_filename")];
    INFO(exec.line());
    CHECK(exec.unreadable("filename"));
    CHECK_FALSE(exec.has("filename"));
    CHECK_FALSE(exec.unreadable("argv"));
    CHECK(exec.texts("argv") == failures.truth[failures.index_of("bad_filename")].list("arg"));
  }
  SUBCASE("the argument list") {
    const Event& exec = failures.events[failures.index_of("bad_argv")];
    INFO(exec.line());
    CHECK(exec.unreadable("argv"));
    CHECK_FALSE(exec.has("argv"));
    CHECK(exec.text("filename") == "./good");
    CHECK_FALSE(exec.unreadable("filename"));
  }
  SUBCASE("one argument") {
    const Event& exec = failures.events[failures.index_of("bad_argument")];
    INFO(exec.line());
    CHECK(exec.unreadable("argv"));
    CHECK(exec.text("filename") == "./good");
  }
  SUBCASE("the environment, which is not reported") {
    CHECK_FALSE(failures.events[failures.index_of("bad_environment")].has("unreadable"));
  }
}

TEST_CASE("failed exec with a name longer than a path may be: cut, and marked as cut") {
  const Failures failures({"-e", "exec"});
  REQUIRE(failures.events.size() == failures.truth.size());
  const size_t at = failures.index_of("long_name");
  const Event& exec = failures.events[at];
  CHECK(exec.flag("filename_truncated"));
  CHECK(exec.text("filename").size() == 4095);
  CHECK(failures.truth[at].text("filename").compare(0, 4095, exec.text("filename")) == 0);
}

TEST_CASE("exec of a file that is open for writing") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "exec,exit"}, "failed_exec");
  REQUIRE(report.code == 0);
  const Fact call = report.truth.only("call", "case", "busy");
  const Event exec = report.only("exec", call.number("pid"));
  // 6.11 and 6.12 allow it.
  const std::vector<Fact> ran = report.truth.of("self");
  if (ran.empty()) {
    const Fact failed = report.truth.only("failed", "case", "busy");
    CHECK(failed.text("error") == "ETXTBSY");
    check_failed_exec(exec, failed);
  } else {
    check_exec(exec, ran.front(), {"./busy", "", ""});
  }
  CHECK(check_exits(report) == 1);
}

TEST_CASE("--failed and --successful part the execs") {
  const Failures all({"-e", "exec"});
  const Failures failed({"-e", "exec", "--failed"});
  const TempDir directory;
  const Report successful = trace_command(directory, {"-e", "exec", "--successful"}, "failed_exec");
  CHECK(failed.events.size() == all.events.size());
  for (const Event& exec : failed.report.of("exec")) CHECK(exec.has("error"));
  for (const Event& exec : successful.of("exec")) CHECK_FALSE(exec.has("error"));
  CHECK(successful.of("exec").size() + failed.report.of("exec").size() == all.report.of("exec").size());
  CHECK_FALSE(successful.of("exec").empty());
}

}  // namespace aa::test
