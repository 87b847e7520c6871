// SPDX-License-Identifier: MIT OR Apache-2.0
//
// --tty: by the terminal a process has, now or from a later exec on.
#include "kernel/expect.hpp"
#include "kernel/targets/pty.hpp"

#include <doctest/doctest.h>

namespace aa::test {

namespace {

bool warned(const Report& report) { return report.errors.find("aa-trace: ") != std::string::npos; }

}  // namespace

TEST_CASE("--tty: those on it, and their children that have left the session") {
  const TempDir directory;
  const Pty pty;
  const Pty other_pty;
  std::string name;
  SUBCASE("/dev/pts/N") { name = pty.path(); }
  SUBCASE("pts/N") { name = "pts/" + pty.number(); }
  SUBCASE("ptsN") { name = "pts" + pty.number(); }
  Workload session(directory, "tty_session", {"first", pty.path()});
  Workload other(directory, "tty_session", {"first", other_pty.path()});
  const Fact ready = session.await_ready();
  other.await_ready();
  Trace trace(directory, {"-e", "exec,exit", "--tty", name});
  trace.await_start();
  other.go();
  const Truth other_truth = other.finish();
  session.go();
  const Truth truth = session.finish();
  trace.interrupt();
  Report report = trace.finish();
  report.truth = truth;
  CHECK(report.code == 0);
  CHECK(check_calls(report) == 2);
  CHECK(check_exits(report) == 2);
  CHECK(report.of("exec").size() == 2);
  CHECK(report.only("exit", ready.number("pid")).number("code") == 0);
  REQUIRE(other_truth.of("self").size() == 2);
  for (const Fact& self : other_truth.of("self")) CHECK(report.of("exec", self.number("pid")).empty());
}

TEST_CASE("--tty: a process that gets the terminal later is seen from its next exec on") {
  const TempDir directory;
  const Pty pty;
  Workload session(directory, "tty_session", {"later", pty.path()});
  const Fact ready = session.await_ready();
  Trace trace(directory, {"-e", "exec,exit", "--tty", pty.path()});
  trace.await_start();
  session.go();
  const Truth truth = session.finish();
  trace.interrupt();
  Report report = trace.finish();
  CHECK(report.code == 0);
  // Nobody was on it: a warning, not an error.
  CHECK(warned(report));
  const Fact later = truth.only("call", "case", "later");
  const Event exec = report.only("exec", ready.number("pid"));
  CHECK(exec.text("filename") == later.text("filename"));
  CHECK(exec.texts("argv") == later.list("arg"));
  CHECK(exec.texts("lineage").empty());
  CHECK(report.only("exit", ready.number("pid")).number("code") == 0);
  CHECK(report.events.size() == 2);
}

TEST_CASE("--tty with --no-watch-children: those on it, not those who left") {
  const TempDir directory;
  const Pty pty;
  Workload session(directory, "tty_session", {"first", pty.path()});
  session.await_ready();
  Trace trace(directory, {"-e", "exec,exit", "--no-watch-children", "--tty", pty.path()});
  trace.await_start();
  session.go();
  const Truth truth = session.finish();
  trace.interrupt();
  const Report report = trace.finish();
  CHECK(report.code == 0);
  const Fact inside = truth.only("call", "case", "inside");
  const Fact left = truth.only("call", "case", "left");
  CHECK(report.only("exec", inside.number("pid")).texts("argv") == inside.list("arg"));
  CHECK(report.of("exec", left.number("pid")).empty());
}

}  // namespace aa::test
