// COMMAND waits until everything is attached: what others do to it meanwhile neither lets it go early nor loses it.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>

#include "events.hpp"

namespace aa::test {
namespace {

constexpr pid_t kNone = 0;

// Is it in the middle of opening a file? Only a named pipe keeps it there.
bool is_opening(pid_t pid) {
  return read_file("/proc/" + std::to_string(pid) + "/syscall").starts_with(std::to_string(SYS_openat) + " ");
}

bool is_running(pid_t pid) { return !proc_status(pid, "State").starts_with("T"); }

// In poll(), or stopped.
bool is_waiting(pid_t pid) {
  const std::string call = read_file("/proc/" + std::to_string(pid) + "/syscall");
#ifdef SYS_poll
  const bool polls = call.starts_with(std::to_string(SYS_poll) + " ");
#else
  const bool polls = call.starts_with(std::to_string(SYS_ppoll) + " ");
#endif
  return polls || !is_running(pid);
}

bool is_gone(pid_t pid) {
  return wait_until([&] {
    const std::string state = proc_status(pid, "State");
    return state.empty() || state.starts_with("Z") || state.starts_with("X");
  });
}

// aa-trace before it is ready: it waits for a reader of its output. COMMAND makes a file.
class Held {
 public:
  explicit Held(Spec spec = {}) : tracer_(prepared(std::move(spec))) {
    REQUIRE(tracer_.until([&] { return is_opening(aa_trace()); }));
    command_ = child_of(aa_trace());
    REQUIRE(command_ != kNone);
  }
  Process& tracer() { return tracer_; }
  pid_t command() const { return command_; }
  std::string made() const { return scratch_.file("made"); }
  // A moment for what must not happen.
  bool has_run() const {
    return wait_until([this] { return access(made().c_str(), F_OK) == 0; }, milliseconds(300));
  }
  // Lets aa-trace go on: all that it says.
  Events read() const { return parse_events(run({"/bin/cat", scratch_.file("events")}).out); }

 private:
  Spec prepared(Spec spec) const {
    REQUIRE(mkfifo(scratch_.file("events").c_str(), 0600) == 0);
    spec.argv.insert(spec.argv.end(), {program(), "-j", "-e", "exec,exit,open", "-o", scratch_.file("events"), "--",
                                       "/bin/sh", "-c", ": > " + made() + "; exit 5"});
    return spec;
  }
  pid_t aa_trace() { return tracer_.pid(); }

  Scratch scratch_;
  Process tracer_;
  pid_t command_ = kNone;
};

Spec as_sudo() {
  Spec spec;
  spec.env = {{"SUDO_UID", "1"}, {"SUDO_GID", "1"}};
  return spec;
}

void check_whole(const Events& events, const std::string& made) {
  CAPTURE(describe(events));
  REQUIRE(events.size() > 3);
  CHECK(text_of(events[1], "event") == "exec");
  CHECK(text_of(events[1], "filename") == "/bin/sh");
  bool told = false;
  for (const auto& e : named(events, "open")) told = told || text_of(e, "path") == made;
  CHECK(told);
  CHECK(named(events, "exit").size() == 1);
  CHECK(text_of(events.back(), "event") == "end");
  CHECK(events.back()["lost"] == 0);
}

}  // namespace

TEST_SUITE_BEGIN("held");

TEST_CASE("signals to the waiting COMMAND, or to the whole job, do not let it go") {
  struct Row {
    const char* what;
    bool group;
    std::vector<int> signals;
  };
  const Row rows[] = {
      {"SIGCONT", false, {SIGCONT}},
      {"stopped and continued", false, {SIGSTOP, SIGCONT}},
      {"Ctrl-Z and fg", true, {SIGTSTP, SIGCONT}},
      {"signals that are ignored, and some that end nothing", false, {SIGCHLD, SIGWINCH, SIGURG, SIGCONT}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    Held held(as_sudo());
    for (const int number : row.signals) kill(row.group ? -held.tracer().pid() : held.command(), number);
    CHECK_FALSE(held.has_run());
    check_whole(held.read(), held.made());
    CHECK(held.tracer().finish().status == 5);
  }
}

TEST_CASE("a script that starts aa-trace in the background and ends does not take COMMAND along") {
  const Scratch scratch;
  REQUIRE(mkfifo(scratch.file("events").c_str(), 0600) == 0);
  Spec spec;
  // A session with two groups: when the script has gone, nobody is left in it who could continue a stopped member of
  // the script's, and the kernel hangs that up (kill_orphaned_pgrp() in kernel/exit.c).
  const std::string aa_trace = "\"$AA\" -q -j -e exec,exit,open -o " + scratch.file("events") + " -- /bin/sh -c ': > " +
                               scratch.file("made") + "; exit 5' & echo $!; read -r word";
  spec.argv = {"/usr/bin/setsid", "--wait", "/bin/bash", "-c", "set -m; /bin/sh -c \"$SCRIPT\"; exit 0"};
  spec.env = {{"AA", program()}, {"SCRIPT", aa_trace}};
  spec.keep_input = true;
  Process script(spec);
  REQUIRE(script.until([&] { return contains(script.out(), "\n"); }));
  const pid_t tracer = std::stoi(script.out());
  REQUIRE(script.until([&] { return is_opening(tracer); }));
  script.end_input();
  CHECK(script.finish().status == 0);
  Spec reader;
  reader.argv = {"/bin/cat", scratch.file("events")};
  const Outcome o = run(reader);
  CHECK_FALSE(o.timed_out);
  check_whole(parse_events(o.out), scratch.file("made"));
}

TEST_CASE("aa-trace killed while COMMAND waits: COMMAND never runs, and is not left behind, stopped or not") {
  for (const Spec& spec : {Spec{}, as_sudo()})
    for (const bool stopped : {false, true}) {
      CAPTURE(stopped);
      Held held(spec);
      if (stopped) {
        kill(held.command(), SIGSTOP);
        REQUIRE(wait_until([&] { return proc_status(held.command(), "State").starts_with("T"); }));
      }
      held.tracer().signal(SIGKILL);
      CHECK(held.tracer().finish().status == -SIGKILL);
      CHECK(is_gone(held.command()));
      CHECK(access(held.made().c_str(), F_OK) != 0);
    }
}

TEST_CASE("COMMAND killed while it waits: aa-trace says so, with the status of a killed COMMAND") {
  Held held(as_sudo());
  kill(held.command(), SIGKILL);
  REQUIRE(is_gone(held.command()));
  CHECK(held.read().empty());
  const Outcome o = held.tracer().finish();
  CHECK_FALSE(o.timed_out);
  CHECK(o.status == 128 + SIGKILL);
  CHECK(o.err == "aa-trace: COMMAND was killed before it began\n");
}

TEST_CASE("a signal that ends COMMAND before it begins is in the trace, or said") {
  Held held(as_sudo());
  kill(held.command(), SIGTERM);
  const Events events = held.read();
  CAPTURE(describe(events));
  CHECK(held.tracer().finish().status == 128 + SIGTERM);
  CHECK_FALSE(held.has_run());
  const Events exits = named(events, "exit");
  REQUIRE(exits.size() == 1);
  CHECK(text_of(exits[0], "signal") == "SIGTERM");
}

TEST_CASE("SIGHUP while aa-trace waits for a reader does not end it, SIGTERM does, without COMMAND") {
  Held held;
  for (int i = 0; i < 20; i++) {
    held.tracer().signal(SIGHUP);
    REQUIRE(wait_until([&] { return proc_status(held.tracer().pid(), "ShdPnd") == "0000000000000000"; }));
  }
  check_whole(held.read(), held.made());
  CHECK(held.tracer().finish().status == 5);

  Held ended;
  ended.tracer().signal(SIGTERM);
  const Outcome o = ended.tracer().finish();
  CHECK_FALSE(o.timed_out);
  CHECK(o.status != 0);
  CHECK(is_gone(ended.command()));
  CHECK(access(ended.made().c_str(), F_OK) != 0);
}

TEST_CASE("aa-trace asked to end before COMMAND begins: COMMAND does not begin") {
  for (const int number : {SIGTERM, SIGINT}) {
    CAPTURE(number);
    const Scratch scratch;
    const Spec spec =
        aa_spec({"-j", "-e", "process", "--as-root", "--", "/bin/sh", "-c", ": > " + scratch.file("made")});
    // stopped while COMMAND waits, it has not let it go; where it was faster, once more
    for (int round = 0;; round++) {
      REQUIRE(round < 50);
      unlink(scratch.file("made").c_str());
      Process tracer(spec);
      pid_t command = kNone;
      tracer.until([&] { return (command = child_of(tracer.pid())) != kNone; });
      tracer.signal(SIGSTOP);
      if (command == kNone || !wait_until([&] { return !is_running(tracer.pid()); }) || !is_waiting(command)) continue;
      tracer.signal(number);
      tracer.signal(SIGCONT);
      const Outcome o = tracer.finish();
      CAPTURE(o.err);
      CHECK_FALSE(o.timed_out);
      CHECK(o.status == 128 + number);
      CHECK(access(scratch.file("made").c_str(), F_OK) != 0);
      const Events events = parse_events(o.out);
      if (events.empty()) continue;  // it had not got as far as the beginning of the trace
      CAPTURE(describe(events));
      CHECK(named(events, "exec").empty());
      CHECK(named(events, "exit").size() == 1);
      CHECK(text_of(events.back(), "event") == "end");
      break;
    }
  }
}

TEST_CASE("the wait leaves no event: neither what COMMAND waits on nor what it is told by") {
  const Traced t = trace({"-e", "all,read,write,close,!fork", "--fd-types", "all"}, {"/bin/true"});
  CAPTURE(describe(t.events));
  REQUIRE(t.events.size() > 3);
  CHECK(text_of(t.events[1], "event") == "exec");
  for (const auto& e : traced(t.events)) CHECK_FALSE(contains(text_of(e, "path"), "socket:"));
}

TEST_SUITE_END();

}  // namespace aa::test
