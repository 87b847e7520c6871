// What a user who mistyped something gets to see, and what a script can rely on in the exit code.
#include <doctest/doctest.h>

#include <unistd.h>

#include "events.hpp"

namespace aa::test {
namespace {

struct Refusal {
  std::vector<std::string> arguments;
  int status;
  std::vector<std::string> mentions;  // what the message must name
};

std::string shown(const std::vector<std::string>& arguments) {
  std::string text = "aa-trace";
  for (const auto& a : arguments) text += " " + a;
  return text;
}

void check_refusal(const Refusal& refusal, size_t expected_lines = 1) {
  // What is not refused would trace on and on.
  const Outcome o = run(aa_spec(refusal.arguments));
  CAPTURE(shown(refusal.arguments));
  CAPTURE(o.err);
  CHECK_FALSE(o.timed_out);
  CHECK(o.status == refusal.status);
  CHECK(o.out.substr(0, 200) == "");
  CHECK(lines(o.err).size() == expected_lines);
  CHECK(o.err.ends_with("\n"));
  for (const auto& line : lines(o.err)) CHECK(line.starts_with("aa-trace: "));
  for (const auto& part : refusal.mentions) CHECK_MESSAGE(contains(o.err, part), "names ", part);
}

// An option that is wrongly accepted must not lead to watching the whole machine: our own tests do nothing meanwhile.
const std::string kIdle = std::to_string(getpid());

// Far above any pid in use, yet a possible one.
const char* const kNobodysPid = "4194301";

}  // namespace

TEST_SUITE_BEGIN("usage");

TEST_CASE("without a target: usage on stderr, exit 2") {
  const std::vector<std::vector<std::string>> calls{{}, {"-j"}, {"-e", "exec"}, {"-q"}, {"-d", "1"}};
  for (const auto& arguments : calls) {
    const Outcome o = run(aa_spec(arguments));
    CAPTURE(shown(arguments));
    CAPTURE(o.err);
    CHECK_FALSE(o.timed_out);
    CHECK(o.status == 2);
    CHECK(o.out == "");
    CHECK(contains(o.err, "aa-trace [OPTIONS]"));
  }
}

TEST_CASE("unknown options: the nearest one is named") {
  check_refusal({{"--jsn", "-p", kIdle}, 2, {"--jsn", "--json"}});
  check_refusal({{"--no-watch-childen", "-p", kIdle}, 2, {"--no-watch-children"}});
  check_refusal({{"--ouput", "x", "-p", kIdle}, 2, {"--output"}});
  check_refusal({{"--evnets", "exec", "-p", kIdle}, 2, {"--events"}});
  check_refusal({{"-Z", "-p", kIdle}, 2, {"-Z"}});
  check_refusal({{"--xyzzyplugh", "-p", kIdle}, 2, {"--xyzzyplugh"}});
}

TEST_CASE("unknown events: the nearest one is named") {
  check_refusal({{"-e", "exce", "-p", kIdle}, 2, {"exce", "exec"}});
  check_refusal({{"-e", "exec,exitt", "-p", kIdle}, 2, {"exitt", "exit"}});
  check_refusal({{"-e", "!frok", "-p", kIdle}, 2, {"frok", "fork"}});
  check_refusal({{"-e", "proces", "-p", kIdle}, 2, {"proces", "process"}});
  check_refusal({{"-e", "", "-p", kIdle}, 2, {}});
  check_refusal({{"-e", "exec,,exit", "-p", kIdle}, 2, {}});
  check_refusal({{"-e", "!", "-p", kIdle}, 2, {}});
}

TEST_CASE("pids that are none") {
  for (const char* pid :
       {"0", "-1", "12abc", "2147483648", "99999999999999999999", "1,,2", "", ",", "1,", "0x10", "1.5", " ", "+1"}) {
    check_refusal({{"-p", pid}, 2, {}});
    check_refusal({{std::string("--pid=") + pid}, 2, {}});
  }
  for (const char* pid : {"0", "12abc", "2147483648", "1,,2"}) check_refusal({{pid}, 2, {}});
}

TEST_CASE("terminals that are none") {
  for (const char* tty :
       {"/dev/null", "/etc/passwd", "nonsense", "/dev/pts/nonsense", "", "/", "pts", "pts/", "-1", "/dev/tty"}) {
    // /dev/tty is every process's own terminal, not one terminal.
    check_refusal({{"-t", tty}, 2, {}});
  }
}

TEST_CASE("numbers that are none") {
  for (const char* size : {"0", "3", "5000", "12K", "nonsense", "-4096", "8MM", "", "99999999999999999999", "1.5M"})
    check_refusal({{"--buffer", size, "-p", kIdle}, 2, {}});
  for (const char* count : {"0", "-1", "abc", "", "1.5", "99999999999999999999999"})
    check_refusal({{"-n", count, "-p", kIdle}, 2, {}});
  for (const char* seconds : {"-1", "abc", "", "nan", "inf", "1s2", "1e999"})
    check_refusal({{"-d", seconds, "-p", kIdle}, 2, {}});
}

TEST_CASE("other words that are none") {
  check_refusal({{"--color", "sometimes", "-p", kIdle}, 2, {"sometimes"}});
  check_refusal({{"-o"}, 2, {}});
  check_refusal({{"-p"}, 2, {}});
}

TEST_CASE("a bare word that is no pid: the way to run a command is named") {
  check_refusal({{"make"}, 2, {"make", "--"}});
  check_refusal({{"-j", "ls", "-l"}, 2, {"--"}});
}

TEST_CASE("missing processes: each one is named, exit 1") {
  check_refusal({{"-p", kNobodysPid}, 1, {std::string("aa-trace: no process ") + kNobodysPid}});
  check_refusal({{kNobodysPid}, 1, {std::string("aa-trace: no process ") + kNobodysPid}});
  check_refusal({{"-p", "2147483647"}, 1, {"aa-trace: no process 2147483647"}});
  check_refusal({{"-p", kIdle + ",4194302," + kNobodysPid}, 1, {"no process 4194302\n", "no process 4194301\n"}}, 2);
}

TEST_CASE("output that cannot be written: exit 1") {
  const Scratch scratch;
  const std::string nowhere = scratch.file("no/such/directory/events");
  check_refusal({{"-o", nowhere, "--", "true"}, 1, {nowhere}});
  check_refusal({{"-o", scratch.path(), "--", "true"}, 1, {scratch.path()}});
}

TEST_CASE("a command that cannot be started: 127 when not found, 126 when not executable") {
  const Scratch scratch;
  const std::string plain = scratch.write("plain", "#!/bin/sh\n", 0644);
  check_refusal({{"--", "no-such-command-here"}, 127, {"no-such-command-here"}});
  check_refusal({{"--", "/no/such/command"}, 127, {"/no/such/command"}});
  check_refusal({{"--", ""}, 127, {}});
  check_refusal({{"--", plain}, 126, {plain}});
  check_refusal({{"--", scratch.path()}, 126, {scratch.path()}});
  check_refusal({{"--as-root", "--", plain}, 126, {plain}});
}

TEST_CASE("a script whose interpreter is missing: only the exec itself can tell, and its failure is named") {
  const Scratch scratch;
  const std::string orphan = scratch.write("orphan", "#!/no/such/interpreter\n", 0755);
  const Outcome o = run(aa_spec({"-j", "-e", "exec", "--", orphan}));
  CAPTURE(o.err);
  CHECK_FALSE(o.timed_out);
  CHECK(o.status == 127);
  bool named_it = false;
  for (const auto& line : lines(o.err)) named_it = named_it || (!contains(line, "watching") && contains(line, orphan));
  CHECK_MESSAGE(named_it, "the message names the script");
  // Nothing at all, as for every COMMAND that could not be started, or the whole story; not half of it.
  const Events events = parse_events(o.out);
  if (events.empty()) return;
  CHECK(text_of(events.front(), "event") == "start");
  CHECK(text_of(events.back(), "event") == "end");
}

TEST_CASE("-- without a COMMAND: exit 2") {
  check_refusal({{"--"}, 2, {"COMMAND"}});
  check_refusal({{"-j", "--"}, 2, {"COMMAND"}});
}

TEST_CASE("-h: the whole help on stdout") {
  const std::vector<std::string> options{"-p",
                                         "--pid",
                                         "-t",
                                         "--tty",
                                         "-a",
                                         "--all",
                                         "--no-watch-children",
                                         "--wait",
                                         "-e",
                                         "--events",
                                         "-x",
                                         "--failed",
                                         "-z",
                                         "--successful",
                                         "-o",
                                         "--output",
                                         "-j",
                                         "--json",
                                         "--color",
                                         "-d",
                                         "--duration",
                                         "-n",
                                         "--count",
                                         "--buffer",
                                         "--as-root",
                                         "-q",
                                         "--quiet",
                                         "-v",
                                         "-P",
                                         "--path",
                                         "--show-secrets",
                                         "--fd-types",
                                         "--io-interval",
                                         "--verbose",
                                         "--check",
                                         "-h",
                                         "--help",
                                         "-V",
                                         "--version"};
  for (const char* ask : {"-h", "--help"}) {
    const Outcome o = run(aa_spec({ask}));
    CHECK(o.status == 0);
    CHECK(o.err == "");
    for (const auto& option : options) {
      const auto at = o.out.find(option);
      CHECK_MESSAGE(at != std::string::npos, option, " is in --help");
      // "-p" inside "--no-progress" would not explain -p
      const bool bounded = std::string(" ,=[|\n").find(o.out[at == 0 ? 0 : at - 1]) != std::string::npos;
      if (option.size() > 2) CHECK_MESSAGE(bounded, option, " stands on its own");
    }
    CHECK(contains(o.out, "-- COMMAND"));
    for (const auto& line : lines(o.out)) CHECK_MESSAGE(line.size() <= 100, "fits a terminal: ", line);
  }
}

TEST_CASE("-V: name and version on stdout") {
  for (const char* ask : {"-V", "--version"}) {
    const Outcome o = run(aa_spec({ask}));
    CHECK(o.status == 0);
    CHECK(o.err == "");
    CHECK(lines(o.out).size() == 1);
    CHECK(o.out.starts_with("aa-trace "));
    CHECK(o.out.find_first_of("0123456789") != std::string::npos);
  }
}

TEST_CASE("-h and -V need no privileges") {
  const Scratch scratch;
  Spec spec;
  spec.argv = {"/bin/cp", program(), scratch.file("aa-trace")};
  REQUIRE(run(spec).status == 0);
  for (const char* ask : {"-h", "-V"}) {
    Spec asked;
    asked.argv = {scratch.file("aa-trace"), ask};
    asked.uid = 65534;
    const Outcome o = run(asked);
    CHECK(o.status == 0);
    CHECK(o.out != "");
  }
}

TEST_SUITE_END();

}  // namespace aa::test
