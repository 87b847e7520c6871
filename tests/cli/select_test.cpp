// Which events are reported, and when aa-trace stops by itself.
#include <doctest/doctest.h>

#include <csignal>
#include <set>

#include "events.hpp"

namespace aa::test {
namespace {

const std::vector<std::string> kMixed{"/bin/sh", "-c", "/bin/true; /no/such/program; (exit 3); exit 0"};

std::set<std::string> kinds(const std::vector<std::string>& options) {
  std::set<std::string> result;
  for (const auto& e : traced(trace(options, kMixed).events)) result.insert(text_of(e, "event"));
  return result;
}

// Feeds the shell and waits until it has done so: what it then did must be in the trace.
void perform(Process& shell, const std::string& commands) {
  static int round = 0;
  const std::string mark = "performed-" + std::to_string(++round);
  shell.feed(commands + "\necho " + mark + "\n");
  REQUIRE(shell.until([&] { return contains(shell.out(), mark); }));
}

std::string pid_text(const Process& p) { return std::to_string(p.pid()); }

}  // namespace

TEST_SUITE_BEGIN("selection");

TEST_CASE("-e: events, groups, negatives") {
  using Set = std::set<std::string>;
  CHECK(kinds({"-e", "exec"}) == Set{"exec"});
  CHECK(kinds({"-e", "exit"}) == Set{"exit"});
  CHECK(kinds({"-e", "fork"}) == Set{"fork"});
  CHECK(kinds({"-e", "process"}) == Set{"exec", "exit", "fork"});
  CHECK(kinds({"-e", "process,!fork"}) == Set{"exec", "exit"});
  CHECK(kinds({"--events", "fork,exec"}) == Set{"exec", "fork"});
  CHECK(kinds({"-e", "exec,exec,process,!exec"}) == Set{"exit", "fork"});
}

TEST_CASE("-e: the default set has exec and exit, no fork; a list of negatives starts from it") {
  const auto normal = kinds({});
  CHECK(normal.contains("exec"));
  CHECK(normal.contains("exit"));
  CHECK_FALSE(normal.contains("fork"));
  const auto no_exit = kinds({"-e", "!exit"});
  CHECK(no_exit.contains("exec"));
  CHECK_FALSE(no_exit.contains("exit"));
  CHECK_FALSE(no_exit.contains("fork"));
  const auto no_exec = kinds({"-e", "!exec"});
  CHECK(no_exec.contains("exit"));
  CHECK_FALSE(no_exec.contains("exec"));
}

TEST_CASE("-e all,!fork") {
  const auto all = kinds({"-e", "all"});
  CHECK(all.contains("fork"));
  CHECK(all.contains("exec"));
  const auto without = kinds({"-e", "all,!fork"});
  CHECK(without.contains("exec"));
  CHECK(without.contains("exit"));
  CHECK_FALSE(without.contains("fork"));
}

TEST_CASE("-x only what failed, -z only what succeeded") {
  const Events failed = named(traced(trace({"-x", "-e", "exec"}, kMixed).events), "exec");
  CAPTURE(describe(failed));
  REQUIRE(failed.size() == 1);
  CHECK(text_of(failed[0], "error") == "ENOENT");
  CHECK(text_of(failed[0], "filename") == "/no/such/program");
  const Events succeeded = named(traced(trace({"-z", "-e", "exec"}, kMixed).events), "exec");
  CAPTURE(describe(succeeded));
  CHECK(succeeded.size() == 2);
  for (const auto& e : succeeded) CHECK_FALSE(e.contains("error"));
  const Events both = named(traced(trace({"-e", "exec"}, kMixed).events), "exec");
  CHECK(both.size() == 3);
}

TEST_CASE("-n COUNT: exactly so many events, then exit 0") {
  for (const int count : {1, 2, 7}) {
    Process shell(shell_spec());
    Process tracer(aa_spec({"-j", "-e", "process", "-n", std::to_string(count), "-p", pid_text(shell)}));
    REQUIRE(started(tracer));
    shell.feed("i=0; while [ $i -lt 20 ]; do /bin/true; i=$((i+1)); done\n");
    const Outcome o = tracer.finish();
    CAPTURE(o.err);
    CHECK_FALSE(o.timed_out);
    CHECK(o.status == 0);
    const Events events = parse_events(o.out);
    CHECK(traced(events).size() == static_cast<size_t>(count));
    CHECK(text_of(events.front(), "event") == "start");
    CHECK(text_of(events.back(), "event") == "end");
    CHECK(events.back()["count"] == count);
  }
}

TEST_CASE("-n COUNT counts what is reported, not what is filtered away") {
  Process shell(shell_spec());
  Process tracer(aa_spec({"-j", "-x", "-e", "exec", "-n", "2", "-p", pid_text(shell)}));
  REQUIRE(started(tracer));
  shell.feed("/bin/true; /no/a; /bin/true; /no/b; /no/c\n");
  const Outcome o = tracer.finish();
  CHECK_FALSE(o.timed_out);
  const Events events = traced(parse_events(o.out));
  REQUIRE(events.size() == 2);
  CHECK(text_of(events[0], "filename") == "/no/a");
  CHECK(text_of(events[1], "filename") == "/no/b");
}

TEST_CASE("-d SECONDS: stops then, exit 0") {
  Process shell(shell_spec());
  auto since = Clock::now();
  for (int i = 0; i < 3; i++) perform(shell, "/bin/true before");
  // one more fits into this on the busiest machine
  const double seconds = 1 + 10 * std::chrono::duration<double>(Clock::now() - since).count();
  since = Clock::now();
  Process tracer(aa_spec({"-j", "-d", std::to_string(seconds), "-p", pid_text(shell)}));
  REQUIRE(started(tracer));
  perform(shell, "/bin/true in-time");
  const Outcome o = tracer.finish();
  const auto took = Clock::now() - since;
  CHECK_FALSE(o.timed_out);
  CHECK(o.status == 0);
  CHECK(took > std::chrono::duration<double>(seconds * 0.95));
  CHECK(contains(o.out, "in-time"));
  CHECK(text_of(parse_events(o.out).back(), "event") == "end");
}

TEST_CASE("the reasons for the end are told apart") {
  std::set<std::string> reasons;
  Process shell(shell_spec());
  const auto reason = [&](Process& tracer) {
    const Outcome o = tracer.finish();
    REQUIRE_FALSE(o.timed_out);
    return text_of(parse_events(o.out).back(), "reason");
  };
  {
    Process tracer(aa_spec({"-j", "-d", "0.2", "-p", pid_text(shell)}));
    reasons.insert(reason(tracer));
  }
  {
    Process tracer(aa_spec({"-j", "-n", "1", "-p", pid_text(shell)}));
    REQUIRE(started(tracer));
    shell.feed("/bin/true\n");
    reasons.insert(reason(tracer));
  }
  {
    Process tracer(aa_spec({"-j", "-p", pid_text(shell)}));
    REQUIRE(started(tracer));
    tracer.signal(SIGINT);
    reasons.insert(reason(tracer));
  }
  {
    Process tracer(aa_spec({"-j", "-p", pid_text(shell)}));
    REQUIRE(started(tracer));
    shell.end_input();
    reasons.insert(reason(tracer));
  }
  CHECK(reasons.size() == 4);
  CHECK_FALSE(reasons.contains(""));
}

TEST_CASE("--pid: lists, repeated, bare, thread ids; nothing of strangers") {
  Process first(shell_spec()), second(shell_spec()), stranger(shell_spec());
  const std::string a = pid_text(first), b = pid_text(second);
  const std::vector<std::vector<std::string>> ways{{"-p", a + "," + b}, {"-p", a, "--pid", b},    {a, b},
                                                   {"-p", a, b},        {"--pid=" + a + "," + b}, {a, b, a}};
  for (const auto& way : ways) {
    std::vector<std::string> arguments{"-q", "-j", "-e", "exec"};
    arguments.insert(arguments.end(), way.begin(), way.end());
    Process tracer(aa_spec(arguments));
    REQUIRE(started(tracer));
    perform(stranger, "/bin/true of-the-stranger");
    perform(first, "/bin/true of-the-first");
    perform(second, "/bin/true of-the-second");
    tracer.signal(SIGINT);
    const Outcome o = tracer.finish();
    const Events execs = named(parse_events(o.out), "exec");
    CAPTURE(describe(execs));
    REQUIRE(execs.size() == 2);
    CHECK(has_argument(execs[0], "of-the-first"));
    CHECK(has_argument(execs[1], "of-the-second"));
  }
}

TEST_CASE("descendants that were alive before are watched, unless --no-watch-children") {
  for (const bool children : {true, false}) {
    Spec bash = shell_spec();
    bash.argv = {"/bin/bash"};  // takes its input line by line, so the next line is left for the next shell
    Process shell(bash);
    perform(shell, "bash\nbash");
    std::vector<std::string> arguments{"-q", "-j", "-e", "process", "-p", pid_text(shell)};
    if (!children) arguments.push_back("--no-watch-children");
    Process tracer(aa_spec(arguments));
    REQUIRE(started(tracer));
    perform(shell, "/bin/true deep-down");
    shell.feed("exit\nexit\n/bin/true direct-child\nexec /bin/true itself\n");
    const Outcome o = tracer.finish();
    CHECK_FALSE(o.timed_out);
    CHECK(o.status == 0);
    CAPTURE(o.out);
    CHECK(contains(o.out, "deep-down") == children);
    CHECK(contains(o.out, "direct-child") == children);
    CHECK(contains(o.out, "\"itself\""));
    if (children) continue;
    for (const auto& e : traced(parse_events(o.out))) CHECK(e["pid"] == shell.pid());
  }
}

TEST_CASE("lineage: from the watched root down") {
  Process shell(shell_spec());
  perform(shell, "true");
  Process tracer(aa_spec({"-q", "-j", "-e", "exec", "-n", "3", "-p", pid_text(shell)}));
  REQUIRE(started(tracer));
  shell.feed("/usr/bin/env /bin/sh -c '/bin/true leaf; exit 0'\n");
  const Outcome o = tracer.finish();
  const Events execs = named(parse_events(o.out), "exec");
  CAPTURE(describe(execs));
  REQUIRE(execs.size() == 3);
  CHECK(has_argument(execs[2], "leaf"));
  CHECK(execs[0]["lineage"] == Json({"sh"}));
  CHECK(execs[2]["lineage"] == Json({"sh", "sh"}));  // env became sh: one process
}

TEST_CASE("--all: everyone but aa-trace itself") {
  Process stranger(shell_spec());
  Process tracer(aa_spec({"-q", "-j", "-e", "process", "--all"}));
  REQUIRE(started(tracer));
  perform(stranger, "/bin/true of-the-stranger");
  CHECK(tracer.until([&] { return contains(tracer.out(), "of-the-stranger"); }));
  tracer.signal(SIGINT);
  const Outcome o = tracer.finish();
  CHECK(o.status == 0);
  for (const auto& e : traced(parse_events(o.out))) CHECK(e["pid"] != tracer.pid());
}

TEST_CASE("--wait: one warning, then it waits; Ctrl-C ends that") {
  Process tracer(aa_spec({"--wait", "-p", "4194301"}));
  REQUIRE(tracer.until([&] { return contains(tracer.err(), "4194301"); }));
  CHECK_FALSE(tracer.ended(milliseconds(700)));
  tracer.signal(SIGINT);
  const Outcome o = tracer.finish();
  CAPTURE(o.err);
  CHECK_FALSE(o.timed_out);
  CHECK(o.status == 0);
  CHECK(o.out == "");
  size_t warnings = 0;
  for (const auto& line : lines(o.err)) warnings += contains(line, "4194301") && !contains(line, "watching");
  CHECK(warnings == 1);
}

TEST_CASE("--wait with a process that exists changes nothing") {
  Process shell(shell_spec());
  Process tracer(aa_spec({"-q", "-j", "-e", "exec", "-n", "1", "--wait", "-p", pid_text(shell)}));
  REQUIRE(started(tracer));
  perform(shell, "/bin/true");
  CHECK(tracer.finish().status == 0);
}

TEST_CASE("--buffer: every power of two is taken, with suffixes") {
  for (const char* size : {"4096", "4K", "64k", "1M", "1m", "16M"}) {
    const Outcome o = run(aa_spec({"-q", "-j", "-e", "exec", "--buffer", size, "--", "true"}));
    CAPTURE(size);
    CAPTURE(o.err);
    CHECK(o.status == 0);
    CHECK(parse_events(o.out).size() == 3);
  }
}

TEST_SUITE_END();

}  // namespace aa::test
