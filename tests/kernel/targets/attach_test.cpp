// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What is watched: the processes named, their descendants, and nobody else.
#include "kernel/expect.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>

namespace aa::test {

namespace {

std::string pid_of(Workload& workload) { return std::to_string(workload.await_ready().number("pid")); }

// A pid that nobody has, far from where the kernel is counting.
long long free_pid() {
  const long long limit = std::stoll(read_file("/proc/sys/kernel/pid_max"));
  for (long long pid = limit - 100; pid > limit / 2; pid--) {
    if (!std::filesystem::exists("/proc/" + std::to_string(pid))) return pid;
  }
  FAIL("no free pid");
  return 0;
}

}  // namespace

TEST_CASE("--pid watches the process and its children") {
  const TempDir directory;
  const Report report = trace_attached(directory, {"-e", "exec,exit"}, "child_then_self", {"mark"});
  REQUIRE(report.code == 0);
  CHECK(check_calls(report) == 2);
  CHECK(check_exits(report) == 1);
  CHECK(report.of("exit").size() == 2);
}

TEST_CASE("--no-watch-children watches only the process") {
  const TempDir directory;
  const Report report =
      trace_attached(directory, {"-e", "process", "--no-watch-children"}, "child_then_self", {"mark"});
  REQUIRE(report.code == 0);
  const Fact call = report.truth.only("call", "case", "self");
  for (const Event& event : report.events) CHECK(event.pid() == call.number("pid"));
  const Event exec = report.only("exec", call.number("pid"));
  CHECK(exec.texts("argv") == call.list("arg"));
  CHECK(report.only("exit", call.number("pid")).number("code") == 0);
  CHECK(report.only("fork", call.number("pid")).number("child_pid") ==
        report.truth.only("call", "case", "child").number("pid"));
}

TEST_CASE("several processes, in every form, and none that was not named") {
  const TempDir directory;
  Workload first(directory, "child_then_self", {"first"});
  Workload second(directory, "child_then_self", {"second"});
  Workload other(directory, "child_then_self", {"other"});
  const std::string a = pid_of(first);
  const std::string b = pid_of(second);
  other.await_ready();
  std::vector<std::string> options;
  SUBCASE("a list") { options = {"--pid", a + "," + b}; }
  SUBCASE("the option twice") { options = {"-p", a, "--pid=" + b}; }
  SUBCASE("bare") { options = {a, b}; }
  SUBCASE("mixed, and one of them twice") { options = {"-p", a, b, a}; }
  Trace trace(directory, options);
  trace.await_start();
  for (const Workload* workload : {&other, &first, &second}) workload->go();
  other.finish();
  const Truth first_truth = first.finish();
  const Truth second_truth = second.finish();
  Report report = trace.finish();
  CHECK(report.code == 0);
  for (const Truth& truth : {first_truth, second_truth}) {
    report.truth = truth;
    CHECK(check_calls(report) == 2);
    CHECK(check_exits(report) == 1);
  }
  CHECK(report.of("exec").size() == 4);
  CHECK(report.of("exit").size() == 4);
}

TEST_CASE("processes named together with their own children are told once") {
  const TempDir directory;
  Workload family(directory, "old_family");
  const std::string root = pid_of(family);
  const std::string child = family.await("child").text("pid");
  Trace trace(directory, {"-e", "exec,exit", "--pid", child + "," + root + "," + child});
  trace.await_start();
  family.go();
  const Truth truth = family.finish();
  Report report = trace.finish();
  report.truth = truth;
  CHECK(report.code == 0);
  CHECK(check_calls(report) == 6);
  CHECK(check_exits(report) == 6);
  CHECK(report.of("exec").size() == 6);
}

TEST_CASE("a chain of 200 processes whose pids go down: the last one is found") {
  const TempDir directory;
  const Report report = trace_attached(directory, {"-e", "exec,exit"}, "deep_family");
  CHECK(report.code == 0);
  CHECK(check_calls(report) == 1);
  CHECK(report.of("exec").size() == 1);
  CHECK(report.of("exit").size() == 201);
  const std::vector<std::string> lineage = report.of("exec").front().texts("lineage");
  CHECK(lineage.size() >= 16);
  for (const std::string& name : lineage) CHECK(name == "deep_family");
}

// A pass over all processes finds 64 more of such a chain, and there is an end to the passes.
TEST_CASE("a chain of 1,100 processes whose pids go down: not all of it is found, and that is told") {
  if (scaled(2, 1) == 1) {
    MESSAGE("skipped: in emulation it takes minutes");
    return;
  }
  const TempDir directory;
  const Report report = trace_attached(directory, {"-e", "exec,exit"}, "deep_family", {"1100"});
  CHECK(report.code == 3);
  long long unwatched = 0;
  for (const Event& lost : report.of("lost"))
    unwatched += lost.text("reason") == "unwatched" ? lost.number("count") : 0;
  CHECK(unwatched > 0);
  CHECK(report.of("exit").size() > 1000);
}

// The types of the kernel alone take 6 MB, and several copies of them are made.
TEST_CASE("the memory that the start took is given back") {
  const TempDir directory;
  Workload target(directory, "waiting_thread");
  Trace trace(directory, {"--pid", target.await_ready().text("pid")});
  trace.await_start();
  std::ifstream status("/proc/" + std::to_string(trace.pid()) + "/status");
  long long kilobytes = 0;
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("RssAnon:")) kilobytes = std::stoll(line.substr(sizeof "RssAnon:"));
  CHECK(kilobytes > 0);
  CHECK(kilobytes < 8000);
  trace.interrupt();
  CHECK(trace.finish().code == 0);
  target.stop();
}

TEST_CASE("a thread id stands for its process") {
  const TempDir directory;
  Workload target(directory, "waiting_thread");
  const Fact ready = target.await_ready();
  REQUIRE(ready.number("tid") != ready.number("pid"));
  Trace trace(directory, {"-e", "exec,exit", "--pid", std::to_string(ready.number("tid"))});
  trace.await_start();
  target.go();
  const Truth truth = target.finish(5);
  Report report = trace.finish();
  report.truth = truth;
  CHECK(report.code == 0);
  CHECK(check_calls(report) == 1);
  CHECK(report.only("exit", ready.number("pid")).number("code") == 5);
}

TEST_CASE("--all sees a process that it was never told of, and never aa-trace") {
  const TempDir directory;
  Trace trace(directory, {"-e", "process", "--all"});
  trace.await_start();
  Workload stranger(directory, "child_then_self", {"stranger"});
  const Fact ready = stranger.await_ready();
  stranger.go();
  const Truth truth = stranger.finish();
  trace.interrupt();
  Report report = trace.finish();
  report.truth = truth;
  CHECK(report.code == 0);
  CHECK(check_calls(report) == 2);
  CHECK(check_exits(report) == 1);
  CHECK(report.of("exec", ready.number("pid")).size() == 2);
  for (const char* kind : {"fork", "exec", "exit"}) CHECK(report.of(kind, trace.pid()).empty());
}

TEST_CASE("--wait: a process that comes later") {
  const TempDir directory;
  const std::string pid = std::to_string(free_pid());
  Trace trace(directory, {"-e", "exec,exit", "--wait", "--pid", pid});
  trace.await_start();
  Workload maker(directory, "reused_pid", {pid, workload_path("print_self"), "late"});
  const Truth truth = maker.finish();
  Report report = trace.finish();
  report.truth = truth;
  CHECK(report.code == 0);
  CHECK(check_calls(report) == 1);
  CHECK(check_exits(report) == 1);
  CHECK(report.of("exec", maker.pid()).empty());
  CHECK_FALSE(report.errors.empty());
}

TEST_CASE("a watched process's pid that is used again by a stranger is not watched") {
  const TempDir directory;
  Workload root(directory, "two_children");
  Trace trace(directory, {"-e", "process", "--pid", pid_of(root)});
  trace.await_start();
  root.go();
  const std::string child = root.await("gone").text("pid");
  Workload maker(directory, "reused_pid", {child, workload_path("print_self"), "stranger"});
  CHECK(maker.finish().only("self").text("pid") == child);
  root.go();
  const Truth truth = root.finish();
  Report report = trace.finish();
  report.truth = truth;
  CHECK(report.code == 0);
  CHECK(check_calls(report) == 2);
  CHECK(check_exits(report) == 2);
  CHECK(report.of("exec").size() == 2);
  CHECK(report.of("exit").size() == 3);
  CHECK(report.of("fork").size() == 2);
}

}  // namespace aa::test
