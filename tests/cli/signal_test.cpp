// Ctrl-C and its relatives: nothing that happened before is lost, nothing is left behind.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/fanotify.h>
#include <termios.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <memory>
#include <thread>

#include "events.hpp"

namespace aa::test {
namespace {

const char kCtrlC[] = "\x03";

bool gone(pid_t pid) {
  return wait_until([&] {
    const std::string state = proc_status(pid, "State");
    return state.empty() || state.starts_with("Z") || state.starts_with("X");
  });
}

// Two signals of one number that are not yet delivered count as one: the second must wait for the first.
void signal_delivered(const Process& p, int number) {
  p.signal(number);
  REQUIRE(wait_until([&] {
    const std::string pending = proc_status(p.pid(), "ShdPnd");
    return pending.empty() || ((std::stoull(pending, nullptr, 16) >> (number - 1)) & 1) == 0;
  }));
}

// A COMMAND that says its pid into a file once it runs, then does what the script says.
struct Running {
  Scratch scratch;
  Process tracer;
  pid_t pid = 0;

  Running(const std::string& script, Spec spec = {}) : tracer(prepared(script, std::move(spec))) {
    const std::string file = scratch.file("pid");
    REQUIRE(tracer.until([&] { return contains(read_file(file), "\n"); }));
    pid = std::stoi(read_file(file));
  }
  Events events() const { return parse_events(read_file(scratch.file("events"))); }

 private:
  Spec prepared(const std::string& script, Spec spec) const {
    spec.argv = aa_spec({"-j", "-e", "process", "-o", scratch.file("events"), "--as-root", "--", "/bin/sh", "-c",
                         "echo $$ > " + scratch.file("pid") + "; " + script})
                    .argv;
    return spec;
  }
};

Json exit_of(const Events& events, pid_t pid) {
  for (const auto& e : named(events, "exit"))
    if (e["pid"] == pid) return e;
  return Json::object();
}

}  // namespace

TEST_SUITE_BEGIN("signals");

TEST_CASE("Ctrl-C while attached to a process: the rest is written, a summary, exit 0") {
  const Pty pty;
  Process watched(shell_spec());
  Spec spec = aa_spec({"-j", "-e", "exec", "-p", std::to_string(watched.pid())});
  spec.terminal = &pty;
  spec.in = kTerminal;
  Process tracer(spec);
  REQUIRE(started(tracer));
  watched.feed("/bin/true before-ctrl-c; echo done\n");
  REQUIRE(watched.until([&] { return contains(watched.out(), "done"); }));
  tracer.type(kCtrlC);
  const Outcome o = tracer.finish();
  CAPTURE(o.err);
  CHECK_FALSE(o.timed_out);
  CHECK(o.status == 0);
  CHECK(lines(o.err).size() >= 2);  // banner and summary
  const Events events = parse_events(o.out);
  REQUIRE(events.size() == 3);
  CHECK(has_argument(events[1], "before-ctrl-c"));
  CHECK(text_of(events[2], "event") == "end");
  CHECK(text_of(events[2], "reason") != "");
  CHECK(events[2]["count"] == 1);
  CHECK(events[2]["lost"] == 0);
  CHECK(watched.alive());
}

TEST_CASE("Ctrl-C with a COMMAND: it dies of SIGINT, its exit is reported, exit 130") {
  const Pty pty;
  Spec spec;
  spec.terminal = &pty;
  spec.in = kTerminal;
  Running r("exec sleep 1000", spec);
  REQUIRE(wait_until([&] { return contains(read_file(r.scratch.file("events")), "1000\"]"); }));
  r.tracer.type(kCtrlC);
  const Outcome o = r.tracer.finish();
  CAPTURE(o.err);
  CHECK_FALSE(o.timed_out);
  CHECK(o.status == 130);
  const Events events = r.events();
  const Json last = exit_of(events, r.pid);
  CAPTURE(describe(events));
  CHECK(text_of(last, "signal") == "SIGINT");
  CHECK(text_of(events.back(), "event") == "end");
}

TEST_CASE("Ctrl-C with a COMMAND that handles it: COMMAND has its way, all of it is reported") {
  const Pty pty;
  Spec spec;
  spec.terminal = &pty;
  spec.in = kTerminal;
  Running r("trap '/bin/true cleaning-up; exit 9' INT; while :; do sleep 0.05; done", spec);
  r.tracer.type(kCtrlC);
  const Outcome o = r.tracer.finish();
  CAPTURE(o.err);
  CHECK_FALSE(o.timed_out);
  CHECK(o.status == 9);
  bool cleaned = false;
  for (const auto& e : named(r.events(), "exec")) cleaned = cleaned || has_argument(e, "cleaning-up");
  CHECK(cleaned);
  CHECK(exit_of(r.events(), r.pid).value("code", -1) == 9);
}

TEST_CASE("SIGTERM or SIGINT to aa-trace alone ends COMMAND too") {
  for (const int number : {SIGTERM, SIGINT}) {
    Running r("exec sleep 1000");
    r.tracer.signal(number);
    const Outcome o = r.tracer.finish();
    CAPTURE(number);
    CAPTURE(o.err);
    CHECK_FALSE(o.timed_out);
    CHECK(gone(r.pid));
    CHECK(o.status == 128 + number);
    CHECK(text_of(r.events().back(), "event") == "end");
  }
}

TEST_CASE("SIGTERM while attached: exit 0, the watched process lives on") {
  Process watched(shell_spec());
  Process tracer(aa_spec({"-j", "-p", std::to_string(watched.pid())}));
  REQUIRE(started(tracer));
  tracer.signal(SIGTERM);
  const Outcome o = tracer.finish();
  CHECK_FALSE(o.timed_out);
  CHECK(o.status == 0);
  CHECK(text_of(parse_events(o.out).back(), "event") == "end");
  CHECK(watched.alive());
}

TEST_CASE("aa-trace killed outright: COMMAND and the watched processes are not stuck") {
  Process watched(shell_spec());
  {
    Process tracer(aa_spec({"-j", "-p", std::to_string(watched.pid())}));
    REQUIRE(started(tracer));
    tracer.signal(SIGKILL);
    CHECK(tracer.finish().status == -SIGKILL);
  }
  watched.feed("/bin/echo still-here\n");
  CHECK(watched.until([&] { return contains(watched.out(), "still-here"); }));
}

TEST_CASE("a second SIGINT exits at once: COMMAND ignores the first") {
  Running r("trap '' INT TERM; while :; do sleep 0.05; done");
  signal_delivered(r.tracer, SIGINT);
  r.tracer.signal(SIGINT);
  const Outcome o = r.tracer.finish();
  CAPTURE(o.err);
  CHECK_FALSE(o.timed_out);
  kill(r.pid, SIGKILL);
  CHECK(gone(r.pid));
}

TEST_CASE("a second SIGINT exits at once: the reader of the pipe has stopped reading") {
  int ends[2];
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  const Fd reader(ends[0]);
  Fd writer(ends[1]);
  fcntl(writer.get(), F_SETPIPE_SZ, 4096);
  Process watched(shell_spec());
  Spec spec = aa_spec({"-j", "-e", "exec", "-p", std::to_string(watched.pid())});
  spec.out = borrowed(writer.get());
  Process tracer(spec);
  writer.reset();
  REQUIRE(banner_seen(tracer));
  watched.feed("i=0; while [ $i -lt 300 ]; do /bin/true $i; i=$((i+1)); done; echo done\n");
  // The watched program must not be held up by our reader either.
  REQUIRE(watched.until([&] { return contains(watched.out(), "done"); }));
  signal_delivered(tracer, SIGINT);
  tracer.signal(SIGINT);
  CHECK_FALSE(tracer.finish().timed_out);
}

TEST_CASE("SIGINT and SIGTERM work even if the parent ignored or blocked them") {
  Process watched(shell_spec());
  Spec spec = aa_spec({"-j", "-p", std::to_string(watched.pid())});
  for (const auto& [number, blocked] : {std::pair{SIGINT, false}, {SIGTERM, false}, {SIGINT, true}, {SIGTERM, true}}) {
    spec.ignored = {SIGINT, SIGTERM};
    spec.blocked = blocked ? spec.ignored : std::vector<int>{};
    Process tracer(spec);
    REQUIRE(started(tracer));
    tracer.signal(number);
    const Outcome o = tracer.finish();
    CAPTURE(number);
    CAPTURE(blocked);
    CHECK_FALSE(o.timed_out);
    CHECK(o.status == 0);
  }
}

TEST_CASE("SIGHUP does not end it") {
  Process watched(shell_spec());
  Process tracer(aa_spec({"-j", "-e", "exec", "-p", std::to_string(watched.pid())}));
  REQUIRE(started(tracer));
  signal_delivered(tracer, SIGHUP);
  watched.feed("/bin/true after-hangup\n");
  REQUIRE(tracer.until([&] { return contains(tracer.out(), "after-hangup"); }));
  tracer.signal(SIGINT);
  CHECK(tracer.finish().status == 0);
}

TEST_CASE("SIGHUP again and again does not kill it, not even while it ends") {
  Process watched(shell_spec());
  std::vector<std::string> arguments{"-j", "-e", "exec", "-p", std::to_string(watched.pid())};
  // it takes a while to forget all of these at the end
  for (int i = 0; i < 2000; i++) arguments.insert(arguments.end(), {"--path", "/[a-z]*/" + std::to_string(i) + "/**"});
  for (int round = 0; round < 20; round++) {
    Process tracer(aa_spec(arguments));
    REQUIRE(started(tracer));
    std::atomic<bool> over{false};
    std::thread storm([&] {
      while (!over) tracer.signal(SIGHUP);  // also to the zombie, which nobody has waited for yet
    });
    tracer.signal(SIGTERM);
    const Outcome o = tracer.finish();
    over = true;
    storm.join();
    CAPTURE(round);
    CHECK_FALSE(o.timed_out);
    REQUIRE(o.status == 0);
  }
}

TEST_CASE("an ignored SIGHUP stays ignored: the terminal goes, the trace goes on") {
  auto pty = std::make_unique<Pty>();
  Process watched(shell_spec());
  Spec spec = aa_spec({"-j", "-e", "exec", "-p", std::to_string(watched.pid())});
  spec.terminal = pty.get();
  spec.ignored = {SIGHUP};
  Process tracer(spec);
  REQUIRE(started(tracer));
  pty.reset();
  watched.feed("/bin/true after-the-terminal\n");
  CHECK(tracer.until([&] { return contains(tracer.out(), "after-the-terminal"); }));
  tracer.signal(SIGINT);
  CHECK(tracer.finish().status == 0);
}

TEST_CASE("SIGHUP where no thread can be made: the rules stay, and the trace goes on") {
  const Scratch scratch;
  const std::string rules = scratch.write("rules", "sensitive /etc/shadow\n");
  Process watched(shell_spec());
  // the stack of a thread is as large as that of the process may be: more than there are addresses
  Spec spec{.argv = {"/bin/sh", "-c", "ulimit -s 137438953472 && exec \"$@\"", "sh"}};
  const Spec tracing = aa_spec({"-j", "-e", "exec", "--rules", rules, "-p", std::to_string(watched.pid())});
  spec.argv.insert(spec.argv.end(), tracing.argv.begin(), tracing.argv.end());
  Process tracer(spec);
  REQUIRE(started(tracer));
  tracer.signal(SIGHUP);
  REQUIRE(tracer.until([&] { return contains(tracer.err(), "remain in force"); }));
  CHECK(contains(tracer.err(), "cannot start a thread"));
  watched.feed("/bin/true after-hangup\n");
  REQUIRE(tracer.until([&] { return contains(tracer.out(), "after-hangup"); }));
  tracer.signal(SIGINT);
  CHECK(tracer.finish().status == 0);
}

TEST_CASE("the terminal's hangup reaches COMMAND, and COMMAND has its way") {
  auto pty = std::make_unique<Pty>();
  Spec spec;
  spec.terminal = pty.get();
  Running r("trap '/bin/true hung-up; exit 9' HUP; while :; do sleep 0.05; done", spec);
  pty.reset();
  const Outcome o = r.tracer.finish();
  CAPTURE(o.err);
  CHECK_FALSE(o.timed_out);
  CHECK(o.status == 9);
  bool told = false;
  for (const auto& e : named(r.events(), "exec")) told = told || has_argument(e, "hung-up");
  CHECK(told);
  CHECK(exit_of(r.events(), r.pid).value("code", -1) == 9);
}

TEST_CASE("rules that are waited for do not hold up the end") {
  const Scratch scratch;
  const std::string rules = scratch.write("rules", "sensitive /etc/shadow\n");
  Process watched(shell_spec());
  const std::string pid = std::to_string(watched.pid());
  bool by_signal = false;
  SUBCASE("by its duration") {}
  SUBCASE("by a signal") { by_signal = true; }
  Process tracer(aa_spec({"-j", "-e", "exec", "--rules", rules, "-p", pid, "-d", by_signal ? "1000" : "2"}));
  REQUIRE(started(tracer));
  // who opens it waits for an answer, which nobody gives before this is closed
  const Fd holder(fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC, O_RDONLY));
  REQUIRE(holder.valid());
  REQUIRE(fanotify_mark(holder.get(), FAN_MARK_ADD, FAN_OPEN_PERM, AT_FDCWD, rules.c_str()) == 0);
  tracer.signal(SIGHUP);
  REQUIRE(wait_until([&] { return proc_status(tracer.pid(), "Threads") == "3"; }));
  if (by_signal) tracer.signal(SIGINT);
  const Outcome o = tracer.finish();
  CAPTURE(o.err);
  CHECK_FALSE(o.timed_out);
  CHECK(o.status == 0);
}

TEST_CASE("every watched process has ended: aa-trace ends by itself, exit 0") {
  Process watched(shell_spec());
  Process tracer(aa_spec({"-j", "-e", "process", "-p", std::to_string(watched.pid())}));
  REQUIRE(started(tracer));
  watched.feed("(sleep 0.3; exit 6) & exit 3\n");
  const Outcome o = tracer.finish();
  CAPTURE(o.out);
  CHECK_FALSE(o.timed_out);
  CHECK(o.status == 0);
  const Events exits = named(parse_events(o.out), "exit");
  REQUIRE(exits.size() == 3);  // the shell, sleep and the subshell that outlives the shell
  CHECK(exit_of(exits, watched.pid()).value("code", -1) == 3);
  CHECK(exits.back().value("code", -1) == 6);
}

// As Ctrl-S does, or COMMAND: whoever has the terminal can.
TEST_CASE("a terminal that is stopped stops messages, not the trace") {
  const Scratch scratch;
  const Pty pty;
  const Fd terminal(open(pty.path().c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC));
  REQUIRE(terminal.valid());
  REQUIRE(tcflow(terminal.get(), TCOOFF) == 0);
  Spec spec = aa_spec({"-j", "-o", scratch.file("events"), "--as-root", "--", "true"});
  spec.terminal = &pty;
  spec.err = kTerminal;
  Process tracer(spec);
  const Outcome o = tracer.finish();
  CHECK_FALSE(o.timed_out);
  CHECK(o.status == 0);
  const Events events = parse_events(read_file(scratch.file("events")));
  REQUIRE_FALSE(events.empty());
  CHECK(text_of(events.back(), "event") == "end");
}

TEST_SUITE_END();

}  // namespace aa::test
