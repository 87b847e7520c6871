// aa-trace as one part of a pipeline: its reader leaves, its disk is full, its descriptors are odd.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <ctime>

#include "events.hpp"

namespace aa::test {
namespace {

double now() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

Outcome shell(const std::string& script, milliseconds patience = kPatience) {
  Spec spec;
  spec.argv = {"/bin/bash", "-c", script};
  spec.env["AA"] = program();
  return run(spec, patience);
}

// A process to attach to that notes the time and execs /bin/true each time it is asked.
class Execer {
 public:
  Execer() {
    REQUIRE(pipe2(ask_, O_CLOEXEC) == 0);
    REQUIRE(pipe2(answer_, O_CLOEXEC) == 0);
    pid_ = fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) serve();
  }
  Execer(const Execer&) = delete;
  Execer& operator=(const Execer&) = delete;
  ~Execer() {
    for (const int fd : {ask_[0], ask_[1], answer_[0], answer_[1]}) close(fd);
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  pid_t pid() const { return pid_; }

  double exec_now() const {
    double when = 0;
    REQUIRE(write(ask_[1], "x", 1) == 1);
    REQUIRE(read(answer_[0], &when, sizeof when) == sizeof when);
    return when;
  }

 private:
  [[noreturn]] void serve() const {
    char request;
    while (read(ask_[0], &request, 1) == 1) {
      const pid_t worker = fork();
      if (worker == 0) {
        const double when = now();
        if (write(answer_[1], &when, sizeof when) == sizeof when) execl("/bin/true", "true", nullptr);
        _exit(127);
      }
      waitpid(worker, nullptr, 0);
    }
    _exit(0);
  }

  int ask_[2] = {-1, -1}, answer_[2] = {-1, -1};
  pid_t pid_ = -1;
};

Spec attach_spec(bool json, pid_t pid) {
  std::vector<std::string> arguments{"-e", "exec", "-p", std::to_string(pid)};
  if (json) arguments.insert(arguments.begin(), "-j");
  return aa_spec(arguments);
}

std::vector<double> delays(Process& tracer, const Execer& execer, int rounds) {
  std::vector<double> result;
  const auto seen = [&] { return std::count(tracer.out().begin(), tracer.out().end(), '\n'); };
  for (int i = 0; i < rounds; i++) {
    const auto before = seen();
    const double asked = execer.exec_now();
    REQUIRE(tracer.until([&] { return seen() > before; }));
    result.push_back(now() - asked);
  }
  std::sort(result.begin(), result.end());
  return result;
}

}  // namespace

TEST_SUITE_BEGIN("pipes");

TEST_CASE("the reader leaves and nothing more happens: aa-trace notices by itself, exit 0") {
  for (const bool json : {true, false}) {
    Process watched(shell_spec());
    Process tracer(attach_spec(json, watched.pid()));
    REQUIRE((json ? started(tracer) : banner_seen(tracer)));
    tracer.close_out();
    const Outcome o = tracer.finish();
    CAPTURE(json);
    CAPTURE(o.err);
    CHECK_FALSE(o.timed_out);
    CHECK(o.status == 0);
    CHECK_MESSAGE(!contains(o.err, "EPIPE"), "quietly");
    CHECK_MESSAGE(!contains(o.err, "Broken pipe"), "quietly");
  }
}

TEST_CASE("the reader leaves while COMMAND runs: a line says that it goes on, exit 0") {
  const Scratch scratch;
  Spec spec = aa_spec(
      {"-j", "-e", "exec", "--as-root", "--", "/bin/sh", "-c", "read -r line; echo > " + scratch.file("went-on")});
  spec.keep_input = true;
  Process tracer(spec);
  REQUIRE(started(tracer));
  tracer.close_out();
  REQUIRE(tracer.ended());
  const Outcome o = tracer.finish();
  CHECK(o.status == 0);
  CHECK(lines(o.err).size() == 2);
  CHECK(contains(o.err, "nobody reads the events any more; COMMAND (process "));
  CHECK(access(scratch.file("went-on").c_str(), F_OK) != 0);
  tracer.feed("on\n");
  CHECK(wait_until([&] { return access(scratch.file("went-on").c_str(), F_OK) == 0; }));
}

TEST_CASE("| head -1 ends by itself, exit 0") {
  Process watched(shell_spec());
  Spec spec;
  spec.argv = {"/bin/bash", "-c", "$AA -j -p " + std::to_string(watched.pid()) + " | head -1; echo ${PIPESTATUS[0]}"};
  spec.env["AA"] = program();
  const Outcome o = run(spec);
  CAPTURE(o.err);
  CHECK_FALSE(o.timed_out);
  const auto got = lines(o.out);
  REQUIRE(got.size() == 2);
  CHECK(contains(got[0], "\"event\":\"start\""));
  CHECK(got[1] == "0");
}

TEST_CASE("| head -1 in text, in the middle of a stream of events") {
  const Outcome o = shell("$AA -q -e exec -- sh -c 'while :; do /bin/true; done' | head -1; echo ${PIPESTATUS[0]}");
  CAPTURE(o.err);
  CHECK_FALSE(o.timed_out);
  const auto got = lines(o.out);
  REQUIRE(got.size() == 2);
  CHECK(contains(got[0], "] exec "));
  // COMMAND did not end by itself: whether its own end or the reader's decides is not laid down.
  const bool sensible = got[1] == "0" || std::stoi(got[1]) > 128;
  CHECK_MESSAGE(sensible, "status ", got[1]);
}

TEST_CASE("| jq -c .: every line parses") {
  const Outcome o = shell(
      "$AA -q -j -e process --as-root -- sh -c 'for i in 1 2 3; do /bin/true \"a \\\" $i\"; done; /no/such' | jq -c . "
      "| wc -l; echo ${PIPESTATUS[@]}");
  CAPTURE(o.err);
  const auto got = lines(o.out);
  REQUIRE(got.size() == 2);
  CHECK(got[1] == "127 0 0");
  CHECK(std::stoi(got[0]) >= 12);  // start, 4 execs, 3 forks, 4 exits, a failed exec, end
}

TEST_CASE("stdout closed from the start: an error, and no event in a stranger's file") {
  Spec spec = aa_spec({"-j", "-e", "exec", "--", "true"});
  spec.out = kClosed;
  const Outcome o = run(spec);
  CAPTURE(o.err);
  CHECK_FALSE(o.timed_out);
  CHECK(o.status == 1);
  CHECK(o.err == "aa-trace: cannot write to stdout: Bad file descriptor\n");
}

TEST_CASE("COMMAND gets the standard descriptors that were closed closed, and aa-trace does not use their numbers") {
  const std::vector<int> sets{1, 2, 4, 3, 5, 6, 7};
  const auto closed_in = [](int set) {
    Spec spec;
    if (set & 1) spec.in = kClosed;
    if (set & 2) spec.out = kClosed;
    if (set & 4) spec.err = kClosed;
    return spec;
  };
  for (const int set : sets) {
    CAPTURE(set);
    const Scratch scratch;
    const std::vector<std::string> command{
        "/bin/sh", "-c",
        "for n in 0 1 2; do [ -e /proc/$$/fd/$n ] && list=\"$list $n\"; done; echo \"$list\" > " +
            scratch.file("list")};
    Spec plain = closed_in(set), traced = plain;
    plain.argv = command;
    run(plain);
    const std::string without = read_file(scratch.file("list"));
    REQUIRE(contains(without, "\n"));
    traced.argv = aa_spec({"-j", "-e", "exec", "--as-root", "-o", scratch.file("events"), "--"}).argv;
    traced.argv.insert(traced.argv.end(), command.begin(), command.end());
    CHECK(run(traced).status == 0);
    CHECK(read_file(scratch.file("list")) == without);
    CHECK(parse_events(read_file(scratch.file("events"))).size() == 3);
  }
  for (const int set : sets) {
    CAPTURE(set);
    Process watched(shell_spec());
    const Scratch scratch;
    Spec spec = closed_in(set);
    spec.argv = aa_spec({"-j", "-o", scratch.file("events"), "-p", std::to_string(watched.pid())}).argv;
    Process tracer(spec);
    REQUIRE(tracer.until([&] { return contains(read_file(scratch.file("events")), "\n"); }));
    for (int number = 0; number <= 2; number++) {
      char target[64] = {};
      const std::string link = "/proc/" + std::to_string(tracer.pid()) + "/fd/" + std::to_string(number);
      REQUIRE(readlink(link.c_str(), target, sizeof target - 1) > 0);
      if (set & (1 << number)) CHECK(std::string(target) == "/dev/null");
    }
  }
}

TEST_CASE("-h with stdout closed fails") {
  Spec spec = aa_spec({"-h"});
  spec.out = kClosed;
  CHECK(run(spec).status == 1);
}

TEST_CASE("with -o FILE it does not matter which standard descriptors are closed") {
  const std::vector<int> sets{1, 2, 4, 3, 5, 6, 7};
  for (const int set : sets) {
    const Scratch scratch;
    Spec spec =
        aa_spec({"-j", "-e", "exec", "--as-root", "-o", scratch.file("events"), "--", "/bin/echo", "from-command"});
    if (set & 1) spec.in = kClosed;
    if (set & 2) spec.out = kClosed;
    if (set & 4) spec.err = kClosed;
    const Outcome o = run(spec);
    CAPTURE(set);
    CAPTURE(o.err);
    CHECK_FALSE(o.timed_out);
    // echo itself fails when it has nowhere to write
    CHECK(o.status == (set & 2 ? 1 : 0));
    const Events events = parse_events(read_file(scratch.file("events")));
    REQUIRE(events.size() == 3);
    CHECK(text_of(events.back(), "event") == "end");
  }
}

TEST_CASE("a full disk: an error, exit 1") {
  Process watched(shell_spec());
  for (const std::string form : {"-j", "-q"}) {
    const Outcome o = run(aa_spec({form, "-e", "exec", "-o", "/dev/full", "--", "true"}));
    CAPTURE(o.err);
    CHECK_FALSE(o.timed_out);
    CHECK(o.status == 1);
    CHECK(contains(o.err, "/dev/full"));
    CHECK(contains(o.err, "No space left"));
  }
  const Fd full(open("/dev/full", O_WRONLY | O_CLOEXEC));
  Spec spec = aa_spec({"-j", "-p", std::to_string(watched.pid())});
  spec.out = borrowed(full.get());
  const Outcome o = run(spec);
  CAPTURE(o.err);
  CHECK_FALSE(o.timed_out);
  CHECK(o.status == 1);
  CHECK(contains(o.err, "No space left"));
}

TEST_CASE("a file that may not grow: an error, exit 1, and the last line is whole") {
  const Scratch scratch;
  const std::string events = scratch.file("events");
  for (const std::string& to : {"-o " + events, "> " + events, ">> " + events}) {
    const Outcome o = shell("ulimit -f 8; $AA -q -j -e exec --as-root " + (to[0] == '-' ? to : "") +
                            " -- sh -c 'i=0; while [ $i -lt 300 ]; do /bin/true $i; i=$((i+1)); done; exit 0' " +
                            (to[0] == '-' ? "" : to));
    CAPTURE(to);
    CAPTURE(o.err);
    CHECK_FALSE(o.timed_out);
    CHECK(o.status == 1);
    CHECK(contains(o.err, "File too large"));
    CHECK_FALSE(contains(o.err, "not whole"));
    const std::string text = read_file(events);
    CHECK(text.size() > 4096);
    CHECK(text.ends_with("\n"));
    CHECK_FALSE(parse_events(text).empty());
    unlink(events.c_str());
  }
}

TEST_CASE("a file that others write to as well: what is theirs stays, and the torn line is told") {
  const Scratch scratch;
  // what follows the place where aa-trace may write no more is not its own
  const std::string events = scratch.write("events", std::string(8192, '\n') + "theirs\n");
  const Outcome o = shell(
      "ulimit -f 8; $AA -q -j -e exec --as-root -- sh -c 'i=0; while [ $i -lt 300 ]; do /bin/true "
      "$i; i=$((i+1)); done; exit 0' 1<> " +
      events);
  CAPTURE(o.err);
  CHECK(o.status == 1);
  CHECK(contains(o.err, "File too large (its last line is not whole)"));
  CHECK(read_file(events).ends_with("theirs\n"));
}

TEST_CASE("an existing output file is replaced, not written over or into") {
  const Scratch scratch;
  const std::string path = scratch.write("events", std::string(100'000, 'x'));
  CHECK(run(aa_spec({"-q", "-j", "-e", "exec", "-o", path, "--", "true"})).status == 0);
  CHECK(parse_events(read_file(path)).size() == 3);
}

// The same with a reader that the shell itself writes to: what this machine, as busy as it is, needs for it.
std::vector<double> delays_of_shell(int rounds) {
  Process shell(shell_spec());
  std::vector<double> result;
  const auto seen = [&] { return std::count(shell.out().begin(), shell.out().end(), '\n'); };
  for (int i = 0; i < rounds; i++) {
    const auto before = seen();
    const double asked = now();
    shell.feed("/bin/true; echo\n");
    REQUIRE(shell.until([&] { return seen() > before; }));
    result.push_back(now() - asked);
  }
  std::sort(result.begin(), result.end());
  return result;
}

TEST_CASE("an event is visible within 100 ms, in a pipe too") {
  const Execer execer;
  for (const bool json : {true, false}) {
    Process tracer(attach_spec(json, execer.pid()));
    REQUIRE((json ? started(tracer) : banner_seen(tracer)));
    const auto sorted = delays(tracer, execer, 20);
    const auto usual = delays_of_shell(20);
    CAPTURE(json);
    CAPTURE(sorted.back());
    CAPTURE(usual.back());
    // who waits for the next event, or for a look once a second, is far beyond this; a busy machine is not. That none
    // of ten thousand waits is what wakeup_test.cpp is about
    CHECK(sorted[10] < 0.500 + 10 * usual[10]);
  }
}

TEST_CASE("each line arrives whole: nothing is torn when the reader is slow") {
  Spec spec = aa_spec({"-q", "-j", "-e", "exec", "--as-root", "--", "/bin/sh", "-c",
                       "i=0; while [ $i -lt 300 ]; do /bin/true $i; i=$((i+1)); done"});
  int ends[2];
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  Fd reader(ends[0]), writer(ends[1]);
  fcntl(writer.get(), F_SETPIPE_SZ, 4096);
  spec.out = borrowed(writer.get());
  Process tracer(spec);
  writer.reset();
  std::string text;
  char chunk[997];
  for (ssize_t n; (n = read(reader.get(), chunk, sizeof chunk)) > 0;) text.append(chunk, static_cast<size_t>(n));
  CHECK(tracer.finish().status == 0);
  const Events execs = named(parse_events(text), "exec");
  REQUIRE(execs.size() == 301);
  for (int i = 0; i < 300; i++) CHECK(has_argument(execs[static_cast<size_t>(i) + 1], std::to_string(i)));
}

TEST_SUITE_END();

}  // namespace aa::test
