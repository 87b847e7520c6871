// aa-trace -- COMMAND: COMMAND must not notice the difference.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "events.hpp"

namespace aa::test {
namespace {

// COMMAND with its stdout on ours, events in a file nobody reads.
Spec wrapped(std::vector<std::string> command, std::vector<std::string> options = {}) {
  std::vector<std::string> arguments{"-q", "-e", "exec", "-o", "/dev/null"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  arguments.push_back("--");
  arguments.insert(arguments.end(), command.begin(), command.end());
  return aa_spec(arguments);
}

struct Pair {
  Outcome plain, traced;
};

// The same command without and with aa-trace around it, from the same surroundings.
Pair both(const std::vector<std::string>& command, const Spec& surroundings = {},
          std::vector<std::string> options = {"--as-root"}) {
  Spec plain = surroundings, traced = surroundings;
  plain.argv = command;
  traced.argv = wrapped(command, std::move(options)).argv;
  return {run(plain), run(traced)};
}

void check_same(const Pair& pair) {
  CAPTURE(pair.traced.err);
  CHECK_FALSE(pair.traced.timed_out);
  CHECK(pair.plain.status == 0);
  CHECK(pair.plain.out != "");
  CHECK(pair.traced.status == pair.plain.status);
  CHECK(pair.traced.out == pair.plain.out);
  CHECK(pair.traced.err == pair.plain.err);
}

}  // namespace

TEST_SUITE_BEGIN("command");

// What a shell started in the background, and how it told: "PID\n" each.
std::vector<pid_t> background(const std::string& out) {
  std::vector<pid_t> pids;
  for (const std::string& line : lines(out)) pids.push_back(std::stoi(line));
  return pids;
}

TEST_CASE("--end-with-command: what COMMAND leaves goes on, and is counted") {
  struct Row {
    const char* script;
    std::size_t left;
    const char* told;
  };
  for (const Row& row : {Row{"sleep 600 & echo $!; exit 3", 1, "COMMAND has ended; 1 process runs on unwatched"},
                         Row{"sleep 600 & echo $!; sleep 600 & echo $!; exit 3", 2, "2 processes run on unwatched"},
                         Row{"exit 3", 0, ""}}) {
    CAPTURE(row.script);
    const Outcome o = run(aa_spec(
        {"-e", "exec", "-o", "/dev/null", "--as-root", "--end-with-command", "--", "/bin/sh", "-c", row.script}));
    CAPTURE(o.err);
    CHECK_FALSE(o.timed_out);
    CHECK(o.status == 3);
    const std::vector<pid_t> pids = background(o.out);
    REQUIRE(pids.size() == row.left);
    for (const pid_t pid : pids) CHECK(kill(pid, SIGKILL) == 0);
    CHECK(contains(o.err, row.told));
    CHECK(contains(o.err, "unwatched") == (row.left > 0));
  }
}

TEST_CASE("--end-with-command: the events of COMMAND are all there, and without one it is no option") {
  const Traced t =
      trace({"-e", "exec,exit", "--end-with-command"}, {"/bin/sh", "-c", "/bin/true; sleep 600 & kill $!"});
  CHECK(t.outcome.status == 0);
  REQUIRE_FALSE(t.events.empty());
  CHECK(text_of(t.events.back(), "reason") == "ended");
  CHECK(named(t.events, "exec").size() >= 2);
  const auto ended = named(t.events, "exit");
  const long long command = named(t.events, "exec").front()["pid"];
  CHECK(std::count_if(ended.begin(), ended.end(), [command](const Json& e) { return e["pid"] == command; }) == 1);

  const Outcome wrong = run(aa_spec({"--end-with-command", "-p", std::to_string(getpid())}));
  CHECK(wrong.status == 2);
  CHECK(contains(wrong.err, "--end-with-command"));
}

TEST_CASE("its exit status is passed on") {
  struct Row {
    const char* script;
    int status;
  };
  for (const Row& row : {Row{"exit 0", 0}, Row{"exit 7", 7}, Row{"exit 1", 1}, Row{"exit 2", 2}, Row{"exit 255", 255},
                         Row{"kill -TERM $$", 128 + SIGTERM}, Row{"kill -KILL $$", 128 + SIGKILL},
                         Row{"kill -INT $$", 128 + SIGINT}, Row{"kill -SEGV $$", 128 + SIGSEGV}}) {
    const Outcome o = run(wrapped({"/bin/sh", "-c", row.script}));
    CAPTURE(row.script);
    CAPTURE(o.err);
    CHECK_FALSE(o.timed_out);
    CHECK(o.status == row.status);
  }
  CHECK(run(wrapped({"false"})).status == 1);
  CHECK(run(wrapped({"true"})).status == 0);
}

TEST_CASE("its stdout: ours when the events go to a file, our stderr otherwise") {
  const Outcome to_file = run(wrapped({"/bin/echo", "said-by-command"}));
  CHECK(to_file.out == "said-by-command\n");
  CHECK(to_file.err == "");
  for (const char* output : {"", "-"}) {
    std::vector<std::string> arguments{"-j", "-e", "exec", "--as-root"};
    if (*output) arguments.insert(arguments.end(), {"-o", output});
    arguments.insert(arguments.end(), {"--", "/bin/echo", "said-by-command"});
    const Outcome o = run(aa_spec(arguments));
    CAPTURE(output);
    CHECK(o.status == 0);
    CHECK(contains(o.err, "said-by-command\n"));
    CHECK(named(parse_events(o.out), "exec").size() == 1);
  }
}

TEST_CASE("its stderr is ours") {
  const Outcome o = run(wrapped({"/bin/sh", "-c", "echo complaint >&2"}));
  CHECK(o.out == "");
  CHECK(o.err == "complaint\n");
}

TEST_CASE("its stdin is ours") {
  Spec spec = wrapped({"/bin/cat"});
  spec.input = std::string(200'000, 'x') + "\nend\n";
  CHECK(run(spec).out == spec.input);
  Spec partial = wrapped({"/bin/sh", "-c", "read a; echo got $a; cat"});
  partial.input = "first\nsecond\n";
  CHECK(run(partial).out == "got first\nsecond\n");
}

TEST_CASE("environment, directory, mask, limits and groups are untouched") {
  Spec around;
  around.env = {{"AA_ODD", "two words\nand a line"}, {"EMPTY", ""}, {"HOME", "/somewhere"}, {"USER", "someone"}};
  around.cwd = "/usr/lib";
  check_same(both({"/usr/bin/env"}, around));
  check_same(both({"/bin/pwd"}, around));
  check_same(both({"/bin/sh", "-c", "umask; ulimit -a; nice; id; cat /proc/self/oom_score_adj"}, around));
  check_same(
      both({"/bin/sh", "-c", "grep -E '^(Cap|NoNewPrivs|Seccomp|Uid|Gid|Groups|CoreDumping|THP)' /proc/self/status"},
           around));
}

TEST_CASE("no_new_privs is not set for it") {
  const Outcome o = run(wrapped({"/bin/grep", "NoNewPrivs", "/proc/self/status"}));
  CHECK(o.out == "NoNewPrivs:\t0\n");
}

TEST_CASE("signal mask and dispositions are those aa-trace was started with") {
  const std::vector<std::string> show{"/bin/grep", "-E", "^Sig(Blk|Ign|Cgt|Pnd)", "/proc/self/status"};
  check_same(both(show));
  Spec odd;
  odd.ignored = {SIGINT, SIGUSR1, SIGPIPE, SIGHUP, SIGXFSZ, SIGCHLD};
  odd.blocked = {SIGUSR2, SIGHUP, SIGTERM};
  check_same(both(show, odd));
  Spec usual;
  usual.ignored = {SIGINT, SIGQUIT};  // how a shell without job control starts "command &"
  check_same(both(show, usual));
}

TEST_CASE("no descriptor leaks into it, and those of the caller do get through") {
  const std::vector<std::string> show{"/bin/ls", "/proc/self/fd"};
  const Pair bare = both(show);
  CHECK(bare.traced.out == "0\n1\n2\n3\n");
  check_same(bare);
  const Fd file(open("/etc/passwd", O_RDONLY | O_CLOEXEC));
  REQUIRE(file.valid());
  Spec spec;
  spec.inherited = {{7, file.get()}};
  const Pair with_seven = both(show, spec);
  CHECK(contains(with_seven.plain.out, "7\n"));
  check_same(with_seven);
}

TEST_CASE("its own session and process group: Ctrl-Z, Ctrl-C and the terminal work as without aa-trace") {
  const Pty pty;
  Spec spec = wrapped({"/bin/sh", "-c",
                       "read -r pid comm state ppid pgrp session tty tpgid rest < /proc/$$/stat;"
                       "[ $pgrp = $tpgid ] && echo foreground || echo background"});
  spec.terminal = &pty;
  spec.in = kTerminal;
  const Outcome o = run(spec);
  CAPTURE(o.err);
  CHECK(o.status == 0);
  CHECK(o.out == "foreground\n");
}

TEST_CASE("the first event is its exec, the last one its exit") {
  const Traced t = trace({"-e", "process"}, {"sh", "-c", "/bin/true; exit 3"});
  CAPTURE(describe(t.events));
  CHECK(t.outcome.status == 3);
  REQUIRE(t.events.size() >= 4);
  CHECK(text_of(t.events.front(), "event") == "start");
  const Json& first = t.events[1];
  CHECK(text_of(first, "event") == "exec");
  CHECK_FALSE(first.contains("error"));
  CHECK(argv_of(first) == std::vector<std::string>{"sh", "-c", "/bin/true; exit 3"});
  const Json& last = t.events[t.events.size() - 2];
  CHECK(text_of(last, "event") == "exit");
  CHECK(last["pid"] == first["pid"]);
  CHECK(last.value("code", -1) == 3);
}

TEST_CASE("its duration and all times count from where it is let go") {
  const Traced t = trace({"-e", "process"}, {"sh", "-c", "/bin/true; exit 3"});
  CAPTURE(describe(t.events));
  REQUIRE(t.events.size() > 2);
  for (const auto& e : named(t.events, "exit")) CHECK(e["duration"].get<double>() <= e["elapsed"].get<double>());
  CHECK(t.events[1]["elapsed"].get<double>() > 0);
}

TEST_CASE("what is missing from PATH is looked up without leaving events of our own") {
  Spec spec;
  spec.env["PATH"] = "/nonexistent-a:/nonexistent-b:/usr/bin:/bin";
  const Traced t = trace({"-e", "exec"}, {"true"}, spec);
  CAPTURE(describe(t.events));
  const Events execs = named(t.events, "exec");
  REQUIRE(execs.size() == 1);
  CHECK(argv_of(execs[0]) == std::vector<std::string>{"true"});
  CHECK(text_of(execs[0], "filename") == "/usr/bin/true");
}

TEST_CASE("a script without #! runs through sh, as from a shell") {
  const Scratch scratch;
  const std::string script = scratch.write("script", "echo from a script\nexit 4\n", 0755);
  const Outcome o = run(wrapped({script}));
  CAPTURE(o.err);
  // execvp(3) hands such a file to sh; refusing it with 126 is the other thing a user may expect of a tracer.
  const bool as_execvp = o.status == 4 && o.out == "from a script\n";
  const bool refused = o.status == 126 && o.out.empty() && lines(o.err).size() == 1;
  CHECK((as_execvp || refused));
}

TEST_CASE("it can be stopped and continued while being watched") {
  Spec spec = wrapped({"/bin/sh", "-c", "echo $$; read line; echo heard $line"});
  spec.keep_input = true;
  Process command(spec);
  REQUIRE(command.until([&] { return contains(command.out(), "\n"); }));
  const pid_t pid = std::stoi(command.out());
  ::kill(pid, SIGSTOP);
  CHECK(wait_until([&] { return proc_status(pid, "State").starts_with("T"); }));
  ::kill(pid, SIGCONT);
  command.feed("you\n");
  const Outcome o = command.finish();
  CHECK_FALSE(o.timed_out);
  CHECK(o.status == 0);
  CHECK(contains(o.out, "heard you\n"));
}

TEST_CASE("what it leaves running in the background does not keep its status from us") {
  const Traced t = trace({"-e", "process"}, {"/bin/sh", "-c", "/bin/true & wait; exit 5"});
  CHECK(t.outcome.status == 5);
  CHECK(named(t.events, "exit").size() == 2);
}

TEST_SUITE_END();

}  // namespace aa::test
