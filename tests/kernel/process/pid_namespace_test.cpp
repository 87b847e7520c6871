// SPDX-License-Identifier: MIT OR Apache-2.0
//
// aa-trace itself in a pid namespace, as in a container: pids are those of that one, on the command line and in the
// output, and what is outside does not exist.
#include "kernel/expect.hpp"
#include "kernel/io/io_lines.hpp"

#include <doctest/doctest.h>

#include <unistd.h>
#include <algorithm>

namespace aa::test {

namespace {

// aa-trace in another namespace, with more arguments.
std::vector<std::string> in_namespace(const std::string& which, const std::vector<std::string>& more = {}) {
  std::vector<std::string> command{workload_path("in_pid_namespace"), which};
  for (const std::string& word : aa_trace_command()) command.push_back(word);
  command.insert(command.end(), more.begin(), more.end());
  return command;
}

std::vector<std::string> in_new_namespace() { return in_namespace("own-proc"); }

// The namespace whose init this is; the parent of what runs there is outside.
std::vector<std::string> in_namespace_of(long long init) { return in_namespace(std::to_string(init)); }

Event only_open(const Report& report, const std::string& path) {
  std::vector<Event> opens;
  for (const Event& event : report.of("open")) {
    if (event.text("path") == path) opens.push_back(event);
  }
  REQUIRE_MESSAGE(opens.size() == 1, opens.size() << " opens of " << path);
  return opens.front();
}

// Each member of a numbered_family: it has the numbers that it has for itself, or for its parent.
void check_family(const Report& report, const Truth& truth) {
  const std::vector<Fact> members = truth.of("member");
  REQUIRE(members.size() == 5);
  const Uses uses = told_uses(report.of("io"));
  for (const Fact& member : members) {
    CAPTURE(member.line());
    const std::string path = member.text("path"), name = member.text("name");
    const Event open = only_open(report, path);
    CHECK(open.pid() == member.number("pid"));
    CHECK(open.tid() == member.number("tid"));
    CHECK(open.number("ppid") == member.number("ppid"));
    const auto use = uses.find({member.number("pid"), open.number("fd")});
    REQUIRE(use != uses.end());
    const auto length = static_cast<long long>(name.size());
    CHECK(on_path(uses, path) == Totals{0, 0, length, length});
    CHECK(open.text("exe") == workload_path("numbered_family"));
  }
  CHECK(check_exits({.events = report.events, .truth = truth}) == 3);
  CHECK(report.lost() == 0);
}

}  // namespace

TEST_CASE("in a pid namespace, a command") {
  const TempDir directory;
  Report report =
      Trace(directory, {"-e", "process,open,io", "--as-root", "--", workload_path("numbered_family"), directory.path()},
            Trace::Format::kJson, in_new_namespace())
          .finish();
  REQUIRE(report.code == 0);
  check_family(report, report.truth);
  const long long pid = report.truth.only("member", "name", "main").number("pid");
  CHECK(pid < 100);
  const Event exec = report.only("exec", pid);
  CHECK(exec.number("ppid") == report.truth.only("member", "name", "main").number("ppid"));
  for (const Fact& member : report.truth.of("member")) {
    if (member.text("name") == "child")
      CHECK(report.of("fork", pid).front().number("child_pid") == member.number("pid"));
    if (member.text("name") == "orphan") CHECK(member.number("ppid") == 1);
  }
}

TEST_CASE("in a pid namespace, a process by its number there, and what its descriptors have so far") {
  const TempDir directory;
  Workload target(directory, "in_pid_namespace",
                  {"own-proc", workload_path("numbered_family"), directory.path(), "await"});
  const long long init = target.await("namespace").number("init"), pid = target.await_ready().number("pid");
  REQUIRE(pid < 100);
  Trace trace(directory, {"-e", "process,open,io", "--io-interval", "0.01", "--pid", std::to_string(pid)},
              Trace::Format::kJson, in_namespace_of(init));
  trace.await_start();
  target.go();
  const Truth truth = target.finish();
  const Report report = trace.finish();
  CHECK(report.code == 0);
  check_family(report, truth);
}

TEST_CASE("in a pid namespace, io lines of a descriptor that stays open") {
  const TempDir directory;
  Workload target(directory, "in_pid_namespace", {"own-proc", workload_path("io_stays")});
  const long long init = target.await("namespace").number("init"), pid = target.await_ready().number("pid");
  Trace trace(directory, {"-e", "io", "--io-interval", "0.01", "--pid", std::to_string(pid)}, Trace::Format::kJson,
              in_namespace_of(init));
  trace.await_start();
  target.go();
  trace.await_event([pid](const Event& event) {
    return event.kind() == "io" && event.pid() == pid && !event.has("closed") && event.number("writes") > 0;
  });
  target.go();
  target.stop();
  trace.interrupt();
  const Report report = trace.finish();
  CHECK(report.lost() == 0);
}

TEST_CASE("in a pid namespace, --all is all of it and nothing else") {
  const TempDir directory, outside;
  Workload target(directory, "in_pid_namespace",
                  {"own-proc", workload_path("numbered_family"), directory.path(), "await"});
  const long long init = target.await("namespace").number("init"), pid = target.await_ready().number("pid");
  Trace trace(directory, {"-e", "process,open,io", "--all"}, Trace::Format::kJson, in_namespace_of(init));
  trace.await_start();
  Workload other(outside, "numbered_family", {outside.path(), "await"});
  other.await_ready();
  other.go();
  other.finish();
  // from outside into it: number and name are of inside, and there is no parent
  Workload visitor(directory, "in_pid_namespace", {std::to_string(init), workload_path("print_self")});
  const Fact self = visitor.finish().only("self");
  target.go();
  trace.await_event([pid](const Event& event) { return event.kind() == "exit" && event.pid() == pid; });
  trace.interrupt();
  const Report report = trace.finish();
  const Truth truth = target.finish();
  CHECK(report.code == 0);
  check_family(report, truth);
  CHECK(report.text.find(outside.path()) == std::string::npos);
  CHECK(self.number("ppid") == 0);
  check_exec(report.only("exec", self.number("pid")), self,
             {.filename = workload_path("print_self"), .exe = "", .cwd = ""});
  for (const Event& event : report.events) CHECK_MESSAGE((event.pid() > 0 && event.pid() < 1000), event.line());
}

TEST_CASE("in a pid namespace, a process that is only outside of it does not exist") {
  const TempDir directory;
  Child trace(in_namespace("own-proc", {"-p", std::to_string(getpid())}), directory.path(), "refused");
  REQUIRE(trace.wait().has_value());
  CHECK(trace.err() == "aa-trace: no process " + std::to_string(getpid()) + "\n");
}

TEST_CASE("a /proc that is of another pid namespace, or is not there, is refused") {
  const TempDir directory;
  for (const char* proc : {"other-proc", "no-proc"}) {
    Child trace(in_namespace(proc, {"-p", "1"}), directory.path(), proc);
    REQUIRE(trace.wait().has_value());
    const std::string text = trace.err();
    CAPTURE(text);
    CHECK(text.starts_with("aa-trace: /proc is "));
    CHECK(text.find("mount -t proc proc /proc") != std::string::npos);
    CHECK(std::count(text.begin(), text.end(), '\n') == 1);
  }
}

}  // namespace aa::test
