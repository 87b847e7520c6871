// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Who executes: threads, children of threads, vfork, orphans, siblings.
#include "kernel/expect.hpp"

#include <doctest/doctest.h>

namespace aa::test {

namespace {

const std::vector<std::string> kProcess = {"-e", "process"};

// Not one exec more or less than the programs that ran say.
void check_count_of_execs(const Report& report, size_t more) {
  size_t successes = 0;
  for (const Event& exec : report.of("exec")) successes += !exec.has("error");
  CHECK(successes == report.truth.of("self").size() + more);
}

}  // namespace

TEST_CASE("exec in a thread that is not the leader") {
  const TempDir directory;
  const Report report = trace_command(directory, kProcess, "exec_in_thread");
  REQUIRE(report.code == 0);
  CHECK(check_calls(report) == 20);
  CHECK(check_exits(report) == 20);
  check_count_of_execs(report, 1);
  for (const Fact& call : report.truth.of("call")) {
    CHECK(call.number("tid") != call.number("pid"));
    const Event exec = report.only("exec", call.number("pid"));
    const Event exit = report.only("exit", call.number("pid"));
    CHECK(exec.tid() == exec.pid());
    // The old leader's end is no end of the process.
    CHECK(exit.realtime() > exec.realtime());
    CHECK(report.of("exec", call.number("tid")).empty());
    CHECK(report.of("exit", call.number("tid")).empty());
  }
}

TEST_CASE("a worker thread forks and the child executes") {
  const TempDir directory;
  const Report report = trace_command(directory, kProcess, "fork_in_thread");
  REQUIRE(report.code == 0);
  CHECK(check_calls(report) == 10);
  CHECK(check_exits(report) == 10);
  check_count_of_execs(report, 1);
  for (const Fact& forked : report.truth.of("forked")) {
    const Event exec = report.only("exec", forked.number("child"));
    CHECK(exec.number("ppid") == forked.number("pid"));
    CHECK(exec.texts("lineage") == std::vector<std::string>{"fork_in_thread"});
  }
}

TEST_CASE("an exec by the last thread of a process whose leader has ended") {
  const TempDir directory;
  const Report report = trace_command(directory, kProcess, "leader_exits_first");
  REQUIRE(report.code == 0);
  CHECK(check_calls(report) == 2);
  CHECK(check_exits(report) == 6);
  check_count_of_execs(report, 1);
}

TEST_CASE("an orphan is still watched and keeps its lineage") {
  const TempDir directory;
  const Report report = trace_command(directory, kProcess, "parent_exits_first");
  REQUIRE(report.code == 0);
  CHECK(check_calls(report) == 1);
  CHECK(check_exits(report) == 1);
  check_count_of_execs(report, 2);
  const Fact orphan = report.truth.only("call", "case", "orphan");
  const Event exec = report.only("exec", orphan.number("pid"));
  CHECK(exec.number("ppid") != report.truth.only("call", "case", "middle").number("pid"));
  CHECK(exec.texts("lineage") == std::vector<std::string>{"parent_exits_first", "middle"});
  CHECK(report.only("exit", orphan.number("pid")).number("code") == 0);
}

TEST_CASE("vfork: a failed exec, then a successful one") {
  const TempDir directory;
  const Report report = trace_command(directory, kProcess, "vfork_exec");
  REQUIRE(report.code == 0);
  const Fact call = report.truth.only("call");
  const Fact self = report.truth.only("self");
  const std::vector<Event> execs = report.of("exec", self.number("pid"));
  REQUIRE(execs.size() == 2);
  CHECK(execs[0].text("error") == "ENOENT");
  CHECK(execs[0].text("filename") == "./missing");
  CHECK(execs[0].texts("argv") == std::vector<std::string>{"missing", "after vfork"});
  CHECK(execs[0].number("ppid") == call.number("pid"));
  check_exec(execs[1], self, {call.text("filename"), "", ""});
  CHECK(report.only("fork", call.number("pid")).number("child_pid") == self.number("pid"));
  CHECK(check_exits(report) == 1);
}

TEST_CASE("posix_spawn and posix_spawnp") {
  const TempDir directory;
  const Report report = trace_command(directory, kProcess, "posix_spawn_exec");
  REQUIRE(report.code == 0);
  CHECK(check_exits(report) == 2);
  for (const Fact& spawned : report.truth.of("spawned")) {
    const Fact self = report.truth.only("self", "pid", spawned.text("child"));
    const std::vector<Event> execs = report.of("exec", spawned.number("child"));
    REQUIRE(execs.size() == (spawned.text("case") == "search" ? 2 : 1));
    check_exec(execs.back(), self, {spawned.text("filename"), "", ""});
  }
  const Fact search = report.truth.only("spawned", "case", "search");
  const Event miss = report.of("exec", search.number("child")).front();
  CHECK(miss.text("error") == "ENOENT");
  CHECK(miss.text("filename") == directory.file("miss/found_in_path"));
  CHECK(miss.texts("argv") == search.list("arg"));
}

TEST_CASE("clone with CLONE_PARENT: the child of a watched process is its sibling") {
  const TempDir directory;
  const Report report = trace_command(directory, kProcess, "clone_parent");
  REQUIRE(report.code == 0);
  CHECK(check_calls(report) == 1);
  CHECK(check_exits(report) == 2);
  const Fact forked = report.truth.only("forked");
  CHECK(report.only("fork", forked.number("pid")).number("child_pid") == forked.number("child"));
  CHECK(report.only("exec", forked.number("child")).number("ppid") == forked.number("child_ppid"));
}

TEST_CASE("clone with CLONE_PARENT by COMMAND itself: aa-trace gets a child it did not make") {
  const TempDir directory;
  const Report report = trace_command(directory, kProcess, "clone_parent", {"direct"});
  REQUIRE(report.code == 0);
  CHECK(check_calls(report) == 1);
  const Fact forked = report.truth.only("forked");
  CHECK(report.only("exit", forked.number("child")).number("code") == 0);
  CHECK(report.only("exit", forked.number("pid")).number("code") == 0);
}

TEST_CASE("a pid namespace: the output has the numbers of aa-trace's own") {
  const TempDir directory;
  const Report report = trace_command(directory, kProcess, "new_pid_namespace");
  REQUIRE(report.code == 0);
  CHECK(check_exits(report) == 1);
  const Fact forked = report.truth.only("forked");
  const Event exec = report.only("exec", forked.number("child"));
  CHECK(exec.tid() == forked.number("child"));
  CHECK(exec.number("ppid") == forked.number("pid"));
  CHECK(exec.texts("argv") == report.truth.only("self").list("arg"));
  CHECK(report.only("fork", forked.number("pid")).number("child_pid") == forked.number("child"));
  CHECK(report.of("exec", 1).empty());
}

}  // namespace aa::test
