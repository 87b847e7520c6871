// --tty: a person watches what happens on a terminal, perhaps on the very one they are sitting at.
#include <doctest/doctest.h>

#include <csignal>
#include <memory>

#include "events.hpp"

namespace aa::test {
namespace {

// A shell on a terminal, used through its keyboard.
class Seat {
 public:
  explicit Seat(std::vector<std::string> shell = {"/bin/bash", "--norc", "--noprofile", "-i"})
      : process_(spec(std::move(shell))) {}

  const Pty& pty() const { return pty_; }
  Process& process() { return process_; }
  void enter(const std::string& line) const { process_.type(line + "\n"); }

  // The words are written by printf so that the echo of the typed line does not already contain them.
  void perform(const std::string& line) {
    const std::string mark = std::to_string(++round_);
    enter(line + "; printf 'seat-%s-done\\n' " + mark);
    REQUIRE(process_.until([&] { return contains(process_.screen(), "seat-" + mark + "-done"); }));
  }

 private:
  Spec spec(std::vector<std::string> shell) const {
    Spec s;
    s.argv = std::move(shell);
    s.terminal = &pty_;
    s.in = s.out = s.err = kTerminal;
    s.env = {{"PS1", "$ "}, {"TERM", "dumb"}, {"HISTFILE", ""}, {"AA", program()}};
    return s;
  }

  Pty pty_;
  Process process_;
  int round_ = 0;
};

bool any_with(const Events& events, const std::string& argument) {
  for (const auto& e : events)
    if (has_argument(e, argument)) return true;
  return false;
}

}  // namespace

TEST_SUITE_BEGIN("tty");

TEST_CASE("every spelling of one terminal, watched from elsewhere") {
  Seat seat, other;
  seat.perform("true");
  other.perform("true");
  const std::string n = seat.pty().number();
  for (const auto& name : {"/dev/pts/" + n, "pts/" + n, "pts" + n, "/dev/../dev/pts/" + n}) {
    Process tracer(aa_spec({"-q", "-j", "-e", "exec", "--tty", name}));
    CAPTURE(name);
    REQUIRE(started(tracer));
    other.perform("/bin/true elsewhere");
    seat.perform("/bin/true in-the-seat");
    CHECK(tracer.until([&] { return contains(tracer.out(), "in-the-seat"); }));
    tracer.signal(SIGINT);
    const Outcome o = tracer.finish();
    CAPTURE(o.err);
    CHECK(o.status == 0);
    CHECK_FALSE(contains(o.out, "elsewhere"));
  }
}

TEST_CASE("processes that leave the terminal by setsid are still watched, and their children") {
  Seat seat;
  seat.perform("true");
  Process tracer(aa_spec({"-q", "-j", "-e", "exec", "-t", "pts" + seat.pty().number()}));
  REQUIRE(started(tracer));
  seat.perform("setsid sh -c '/bin/true after-setsid; exit 0' </dev/null >/dev/null 2>&1");
  CHECK(tracer.until([&] { return contains(tracer.out(), "after-setsid\"]"); }));
  tracer.signal(SIGINT);
  CHECK(tracer.finish().status == 0);
}

TEST_CASE("a terminal nobody is on: one warning, then it waits for someone to come") {
  const Pty pty;
  Process tracer(aa_spec({"-j", "-e", "exec", "--tty", pty.path()}));
  REQUIRE(tracer.until([&] { return contains(tracer.err(), "\n"); }));
  REQUIRE(started(tracer));
  CHECK(tracer.alive());
  CHECK(contains(tracer.err(), "pts"));
  Spec spec;
  spec.argv = {"/bin/sh", "-c", "/bin/true newcomer; exec /bin/true second-exec"};
  spec.terminal = &pty;
  spec.in = spec.out = spec.err = kTerminal;
  CHECK(run(spec).status == 0);
  CHECK(tracer.until([&] { return contains(tracer.out(), "second-exec"); }));
  tracer.signal(SIGINT);
  const Outcome o = tracer.finish();
  CAPTURE(o.out);
  CHECK(o.status == 0);
  const Events execs = named(parse_events(o.out), "exec");
  CHECK(any_with(execs, "newcomer"));
  REQUIRE_FALSE(execs.empty());
  CHECK(text_of(execs[0], "filename") == "/bin/sh");  // the exec on which it was noticed counts
}

TEST_CASE("when the last one has left the terminal, Ctrl-C still ends it") {
  auto seat = std::make_unique<Seat>();
  seat->perform("true");
  Process tracer(aa_spec({"-q", "-j", "-e", "exit", "--tty", seat->pty().path()}));
  REQUIRE(started(tracer));
  seat->enter("exit");
  CHECK(seat->process().ended());
  seat.reset();
  CHECK(tracer.until([&] { return contains(tracer.out(), "\"event\":\"exit\""); }));
  // Whether an empty terminal ends the trace is not laid down: both ways it must end well.
  tracer.signal(SIGINT);
  const Outcome o = tracer.finish();
  CHECK_FALSE(o.timed_out);
  CHECK(o.status == 0);
}

TEST_CASE("of its own terminal: its own pipeline is left out, other commands are not") {
  const Scratch scratch;
  Seat seat;
  seat.perform("true");
  seat.enter("$AA -q --tty pts" + seat.pty().number() + " -j -e process | cat > " + scratch.file("events") + " &");
  const auto events = [&] { return parse_complete(read_file(scratch.file("events"))); };
  REQUIRE(seat.process().until([&] { return !events().empty(); }));
  seat.perform("/bin/echo marker-one");
  seat.perform("sh -c '/bin/true marker-two; exit 0' | cat");
  REQUIRE(seat.process().until([&] { return any_with(events(), "marker-two"); }));
  seat.enter("kill $(jobs -p); wait; printf 'all-%s\\n' over");
  REQUIRE(seat.process().until([&] { return contains(seat.process().screen(), "all-over"); }));
  const Events all = events();
  CAPTURE(describe(all));
  CHECK(any_with(named(all, "exec"), "marker-one"));
  CHECK(text_of(all.back(), "event") == "end");
  int cats = 0;
  for (const auto& e : traced(all)) {
    CHECK(text_of(e, "comm") != "aa-trace");
    cats += text_of(e, "event") == "exec" && text_of(e, "comm") == "cat";
  }
  CHECK(cats == 1);  // the one of the other pipeline
}

TEST_CASE("of its own terminal: a reader that execs for every line does not feed itself") {
  const Scratch scratch;
  Seat seat;
  seat.perform("true");
  const std::string reader = scratch.write("reader", "while IFS= read -r line; do printf '%s\\n' \"$line\" >> " +
                                                         scratch.file("events") + "; /bin/true by-the-reader; done\n");
  seat.enter("$AA -q --tty pts" + seat.pty().number() + " -j -e process | sh " + reader + " &");
  const auto events = [&] { return parse_complete(read_file(scratch.file("events"))); };
  REQUIRE(seat.process().until([&] { return !events().empty(); }));
  for (int i = 0; i < 5; i++) seat.perform("/bin/true marker-" + std::to_string(i));
  REQUIRE(seat.process().until([&] { return any_with(events(), "marker-4"); }));
  CHECK_FALSE(any_with(events(), "by-the-reader"));
  seat.enter("kill $(jobs -p); wait; printf 'all-%s\\n' over");
  CHECK(seat.process().until([&] { return contains(seat.process().screen(), "all-over"); }));
}

TEST_SUITE_END();

}  // namespace aa::test
