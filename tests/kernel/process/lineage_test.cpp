// SPDX-License-Identifier: MIT OR Apache-2.0
//
// lineage: the names of the ancestors, from the watched root down.
#include "kernel/expect.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace aa::test {

namespace {

using Names = std::vector<std::string>;

Names chain(int last) {
  Names names{"lineage_chain"};
  for (int level = 1; level <= last; level++) names.push_back("n" + std::to_string(level));
  return names;
}

Report run(const TempDir& directory, const std::string& mode) {
  Report report = trace_command(directory, {"-e", "exec,exit"}, "lineage_chain", {mode});
  REQUIRE(report.code == 0);
  CHECK(check_calls(report) == 1);
  check_exits(report);
  return report;
}

// The exec of a call, by its filename too: a process may execute more than once.
Names lineage_of(const Report& report, const Fact& call) {
  std::vector<Event> found;
  for (const Event& exec : report.of("exec", call.number("pid"))) {
    if (exec.text("filename") == call.text("filename")) found.push_back(exec);
  }
  REQUIRE(found.size() == 1);
  return found.front().texts("lineage");
}

// At least 16 names, the nearest ones; all of them is fine too.
void check_nearest(const Names& told, const Names& all) {
  const size_t least = std::min<size_t>(all.size(), 16);
  REQUIRE(told.size() >= least);
  REQUIRE(told.size() <= all.size());
  CHECK(told == Names(all.end() - static_cast<long>(told.size()), all.end()));
}

}  // namespace

TEST_CASE("twenty programs deep, each under a name of its own") {
  const TempDir directory;
  const Report report = run(directory, "deep");
  int level = 0;
  for (const Fact& call : report.truth.of("call")) check_nearest(lineage_of(report, call), chain(level++));
  CHECK(level == 21);
  // Names are what was asked for: the links, not the file that runs.
  CHECK(report.only("exec", report.truth.of("call")[0].number("pid")).text("exe") == workload_path("lineage_chain"));
}

TEST_CASE("the root's own lineage is empty") {
  const TempDir directory;
  const Report report = run(directory, "renamed");
  REQUIRE_FALSE(report.of("exec").empty());
  CHECK(report.of("exec").front().texts("lineage").empty());
}

TEST_CASE("across processes that only forked") {
  const TempDir directory;
  const Report report = run(directory, "forks");
  const Fact leaf = report.truth.only("call", "case", "leaf");
  CHECK(lineage_of(report, leaf) == Names{"lineage_chain", "n1", "n1", "n1", "n1"});
}

TEST_CASE("ancestors that have all ended") {
  const TempDir directory;
  const Report report = run(directory, "dead");
  int level = 0;
  for (const Fact& call : report.truth.of("call")) CHECK(lineage_of(report, call) == chain(level++));
  CHECK(level == 6);
}

TEST_CASE("an ancestor that executes again has a new name") {
  const TempDir directory;
  const Report report = run(directory, "renamed");
  const Fact leaf = report.truth.only("call", "case", "leaf");
  CHECK(lineage_of(report, leaf) == Names{"lineage_chain", "n2"});
}

TEST_CASE("ancestors older than the trace have the name of their main thread") {
  const TempDir directory;
  const Report report = trace_attached(directory, {"-e", "exec,exit"}, "named_before");
  REQUIRE(report.code == 0);
  CHECK(check_calls(report) == 1);
  const Event exec = report.only("exec", report.truth.only("call").number("pid"));
  CHECK(exec.texts("lineage") == Names{"old root", "old child"});
}

TEST_CASE("the children of a family that was there before") {
  const TempDir directory;
  const Report report = trace_attached(directory, {"-e", "exec,exit"}, "old_family");
  REQUIRE(report.code == 0);
  CHECK(check_calls(report) == 6);
  CHECK(check_exits(report) == 6);
  for (const Fact& call : report.truth.of("call")) {
    INFO(call.line());
    const bool is_child = call.text("case") == "child";
    CHECK(lineage_of(report, call) == (is_child ? Names{"old_family"} : Names{"old_family", "old_family"}));
  }
}

TEST_CASE("a pid that is used twice in one tree has the ancestors of its present process") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "exec,exit"}, "reused_pid_in_tree");
  REQUIRE(report.code == 0);
  CHECK(check_calls(report) == 2);
  const Fact first = report.truth.only("call", "filename", "./leaf_a");
  const Fact second = report.truth.only("call", "filename", "./leaf_b");
  REQUIRE(first.number("pid") == second.number("pid"));
  CHECK(lineage_of(report, first) == Names{"reused_pid_in_tree", "branch_a"});
  CHECK(lineage_of(report, second) == Names{"reused_pid_in_tree", "branch_b"});
  for (const Fact& self : report.truth.of("self")) {
    const bool below_b = self.list("arg")[1] == "leaf_b";
    const Names expected =
        below_b ? Names{"reused_pid_in_tree", "branch_b", "leaf_b"} : Names{"reused_pid_in_tree", "branch_a", "leaf_a"};
    CHECK(report.only("exec", self.number("pid")).texts("lineage") == expected);
  }
  CHECK(report.of("exit", first.number("pid")).size() == 2);
}

}  // namespace aa::test
