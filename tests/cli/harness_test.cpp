// The tools of these tests themselves: a reader that accepts everything would let everything pass.
#include <doctest/doctest.h>
#include <unistd.h>

#include <csignal>

#include "cli/strace/strace_log.hpp"
#include "events.hpp"

namespace aa::test {
namespace {

Spec sh(const std::string& script) {
  Spec spec;
  spec.argv = {"/bin/sh", "-c", script};
  return spec;
}

const char* const kExit =
    R"({"v":2,"time":"2026-01-02T03:04:05.123456789Z","elapsed":0.5,"event":"exit","pid":7,"tid":7,"ppid":1,"uid":0,"gid":0,"comm":"x","proc":"7-5","exe":"/x","code":0,"duration":1.5})";

}  // namespace

TEST_SUITE_BEGIN("harness");

TEST_CASE("a program is run with its streams, its status and its deadline") {
  Spec spec = sh("cat; echo problem >&2; exit 3");
  spec.input = "text\n";
  const Outcome o = run(spec);
  CHECK(o.out == "text\n");
  CHECK(o.err == "problem\n");
  CHECK(o.status == 3);
  CHECK(run(sh("kill -TERM $$")).status == -SIGTERM);
  CHECK(run(sh("sleep 100"), milliseconds(50)).timed_out);
  CHECK_THROWS(run({"/no/such/program"}));
}

TEST_CASE("closed descriptors, ignored signals and another user arrive in the program") {
  Spec closed = sh("[ -e /proc/self/fd/0 ] && echo open || echo closed");
  closed.in = kClosed;
  CHECK(run(closed).out == "closed\n");
  Spec odd;
  odd.argv = {"/bin/grep", "-E", "Sig(Ign|Blk)", "/proc/self/status"};
  odd.ignored = {SIGUSR1};
  odd.blocked = {SIGHUP};
  // glibc's posix_spawn, which make uses, leaves its own two signals ignored (32 and 33)
  const std::string seen = run(odd).out;
  CHECK(seen.starts_with("SigBlk:\t0000000000000001\nSigIgn:\t"));
  CHECK((std::stoull(seen.substr(seen.rfind('\t')), nullptr, 16) & ~0x180000000ull) == 0x200);
  Spec other = sh("id -u; grep CapEff /proc/self/status");
  other.uid = 65534;
  CHECK(run(other).out == "65534\nCapEff:\t0000000000000000\n");
}

TEST_CASE("Ctrl-C on a terminal reaches the program in front") {
  const Pty pty;
  Spec spec = sh("trap 'echo interrupted; exit 5' INT; echo ready; while :; do sleep 0.05; done");
  spec.terminal = &pty;
  spec.in = kTerminal;
  Process p(spec);
  REQUIRE(p.until([&] { return contains(p.out(), "ready"); }));
  p.type("\x03");
  const Outcome o = p.finish();
  CHECK(o.status == 5);
  CHECK(contains(o.out, "interrupted"));
}

TEST_CASE("text lines: what could not be split is refused") {
  for (const char* good :
       {"[0.001520] exit pid=1 code=0", R"([12.000000] exec pid=1 comm="a b" argv=["a","","\"\\\n\x1b\u{202e}"])",
        "[0.000001] exec argv=[]"})
    CHECK_MESSAGE(parse_text_line(good), good);
  for (const char* bad :
       {"", "exit pid=1", "[0.1] exit pid=1", "[0.000001] exit pid", "[0.000001] exit pid=", "[0.000001] exit  pid=1",
        "[0.000001] exit pid=1 ", "[0.000001] exec comm=\"a", "[0.000001] exec comm=\"\x1b\"",
        R"([0.000001] exec comm="\q")", R"([0.000001] exec comm="a"b")", R"([0.000001] exec argv=["a" "b"])",
        "\033[1m[0.000001] exit pid=1"})
    CHECK_MESSAGE(!parse_text_line(bad), bad);
  CHECK(without_colour("\033[1;31mred\033[0m plain") == "red plain");
}

TEST_CASE("JSON shape: order, presence and form are all looked at") {
  CHECK(shape_error(Json::parse(kExit)) == "");
  const auto changed = [](const std::string& from, const std::string& to) {
    std::string text = kExit;
    return shape_error(Json::parse(text.replace(text.find(from), from.size(), to)));
  };
  CHECK(changed(R"("pid":7,"tid":7)", R"("tid":7,"pid":7)") != "");
  CHECK(changed(R"("code":0,)", "") != "");
  CHECK(changed(R"("code":0)", R"("code":0,"signal":"SIGINT")") != "");
  CHECK(changed(R"("code":0)", R"("code":0,"surprise":1)") != "");
  CHECK(changed(R"("exe":"/x")", R"("exe":null)") != "");
  CHECK(changed(R"("pid":7)", R"("pid":"7")") != "");
  CHECK(changed(".123456789Z", ".123Z") != "");
  CHECK(changed(R"("v":2)", R"("v":1)") != "");
  CHECK(changed(R"("exe":"/x",)", "") != "");
  CHECK(changed(R"("exe":"/x","code":0,"duration":1.5)", R"("code":0,"duration":1.5,"unreadable":["exe"])") == "");
}

TEST_CASE("strace's log: interleaved, failed and odd calls") {
  const StraceLog log = parse_strace(
      "10 execve(\"\\x2f\\x61\", [\"\\x61\", \"\"], [\"\\x41\\x3d\\x31\"]) = 0\n"
      "11 execve(\"\\x62\", [\"\\x62\"], [] <unfinished ...>\n"
      "12  execveat(3, \"\", [\"\\x63\"], 0x7ffe /* 3 vars */, AT_EMPTY_PATH) = 0\n"
      "11 <... execve resumed>)             = -1 ENOENT (No such file or directory)\n"
      "12 +++ superseded by execve in pid 13 +++\n"
      "12 execve(\"\\x64\", NULL, NULL) = -1 EFAULT (Bad address)\n");
  CAPTURE(log.not_understood.size());
  REQUIRE(log.execs.size() == 4);
  CHECK(log.execs[0] == Exec{"/a", {"a", ""}, ""});
  CHECK(log.execs[1] == Exec{"", {"c"}, ""});
  CHECK(log.execs[2] == Exec{"b", {"b"}, "ENOENT"});
  CHECK(log.execs[3] == Exec{"d", {}, "EFAULT"});
  CHECK(log.not_understood.empty());
  CHECK(parse_strace("10 execve(\"\\x2f\"..., [], []) = 0\n").not_understood.size() == 1);
  CHECK(parse_strace("10 execve(\"\\x2f\", [], [] <unfinished ...>\n").not_understood.size() == 1);
}

TEST_SUITE_END();

}  // namespace aa::test
