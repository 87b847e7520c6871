// Real programs, run once under strace and once under aa-trace: both must have seen the same execs.
#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "cli/events.hpp"
#include "cli/strace/strace_log.hpp"

namespace aa::test {
namespace {

// The commands run in a directory of the same name both times, made by `setup` afresh.
struct Job {
  const char* name;
  const char* setup;
  std::vector<std::string> command;
  size_t at_least;  // execs, so that a job that did nothing does not pass
};

struct Pattern {
  const char* start;
  size_t random;  // so many characters after it differ from run to run; 0: a number does
};

// Names that programs make from chance or from their pid.
constexpr Pattern kRandom[] = {{"/tmp/cc", 6}, {"/tmp/aa-job-tmp.", 6}, {"/pack/.tmp-", 0}, {"--keep=fetch-pack ", 0}};

std::string settled(std::string text) {
  for (const auto& pattern : kRandom) {
    const size_t length = std::char_traits<char>::length(pattern.start);
    for (auto at = text.find(pattern.start); at != std::string::npos; at = text.find(pattern.start, at + 1)) {
      const size_t from = at + length;
      const size_t digits = std::min(text.find_first_not_of("0123456789", from), text.size()) - from;
      const size_t count = std::min(pattern.random ? pattern.random : digits, text.size() - from);
      text.replace(from, count, "X");
    }
  }
  return text;
}

Exec settled(Exec exec) {
  exec.filename = settled(std::move(exec.filename));
  for (auto& a : exec.argv) a = settled(std::move(a));
  return exec;
}

Exec exec_of(const Json& event) {
  return settled(Exec{text_of(event, "filename"), argv_of(event), text_of(event, "error")});
}

std::string shown(const Exec& e) {
  return e.filename + " " + Json(e.argv).dump() + (e.error.empty() ? "" : " = " + e.error);
}

// strace shows what the caller passed: no interpreter, and an argv[0] that the kernel throws away.
bool is_call_of_script(const Exec& call, const Exec& reported) {
  if (call.filename != reported.filename || call.error != reported.error || call.argv.size() > reported.argv.size())
    return false;
  const auto tail = call.argv.empty() ? 0 : call.argv.size() - 1;
  const auto name = reported.argv.end() - static_cast<long>(tail) - 1;
  return std::equal(reported.argv.end() - static_cast<long>(tail), reported.argv.end(),
                    call.argv.end() - static_cast<long>(tail)) &&
         (*name == call.filename || name->ends_with("/" + call.filename));
}

struct Difference {
  std::vector<Exec> missing, invented;
};

Difference compare(std::vector<Exec> calls, const Events& events) {
  Difference d;
  std::vector<Exec> scripts;
  for (const auto& event : named(events, "exec")) {
    Exec exec = exec_of(event);
    if (event.contains("script")) {
      scripts.push_back(std::move(exec));
      continue;
    }
    const auto found = std::find(calls.begin(), calls.end(), exec);
    if (found == calls.end()) d.invented.push_back(std::move(exec));
    else calls.erase(found);
  }
  for (auto& script : scripts) {
    const auto found =
        std::find_if(calls.begin(), calls.end(), [&](const Exec& c) { return is_call_of_script(c, script); });
    if (found == calls.end()) d.invented.push_back(std::move(script));
    else calls.erase(found);
  }
  d.missing = std::move(calls);
  return d;
}

// The same name both times, for it shows up in arguments; another one for every run of the tests.
const std::string kDirectory = "/tmp/aa-cli-job-" + std::to_string(getpid());

Spec job_spec(std::vector<std::string> argv) {
  Spec spec;
  spec.argv = std::move(argv);
  spec.cwd = kDirectory;
  spec.in = kNull;
  spec.env = {{"HOME", kDirectory},
              {"GIT_CONFIG_NOSYSTEM", "1"},
              {"GIT_AUTHOR_DATE", "2024-01-01T00:00:00Z"},
              {"GIT_COMMITTER_DATE", "2024-01-01T00:00:00Z"},
              {"PYTHONDONTWRITEBYTECODE", "1"},
              {"MAKEFLAGS", std::nullopt},
              {"MAKELEVEL", std::nullopt},
              {"MFLAGS", std::nullopt},
              {"TMPDIR", std::nullopt},
              {"PAGER", "cat"}};
  return spec;
}

void set_up(const Job& job) {
  std::filesystem::remove_all(kDirectory);
  std::filesystem::create_directories(kDirectory);
  const Outcome o = run(job_spec({"/bin/bash", "-e", "-c", job.setup}));
  CAPTURE(o.err);
  REQUIRE(o.status == 0);
}

struct Seen {
  int status;
  StraceLog log;
};

Seen under_strace(const Job& job) {
  set_up(job);
  const Scratch scratch;
  std::vector<std::string> argv{"/usr/bin/strace",       "-f", "-qq",         "-xx", "-v",     "-e",
                                "trace=execve,execveat", "-e", "signal=none", "-s",  "100000", "-o",
                                scratch.file("log"),     "--"};
  argv.insert(argv.end(), job.command.begin(), job.command.end());
  const Outcome o = run(job_spec(std::move(argv)));
  CAPTURE(o.err);
  REQUIRE_FALSE(o.timed_out);
  Seen seen{o.status, parse_strace(read_file(scratch.file("log")))};
  for (auto& exec : seen.log.execs) exec = settled(std::move(exec));
  return seen;
}

void check_job(const Job& job) {
  INFO("job: ", std::string(job.name));
  const Seen strace = under_strace(job);
  for (const auto& line : strace.log.not_understood) FAIL_CHECK("not understood: ", line.substr(0, 300));
  CHECK(strace.log.execs.size() >= job.at_least);
  set_up(job);
  const Traced traced = trace({"-q", "-e", "exec"}, job.command, job_spec({}));
  CAPTURE(traced.outcome.err);
  CHECK(traced.outcome.status == strace.status);
  const Difference d = compare(strace.log.execs, traced.events);
  for (const auto& e : d.missing) FAIL_CHECK("only strace saw: ", shown(e));
  for (const auto& e : d.invented) FAIL_CHECK("only aa-trace saw: ", shown(e));
  CHECK(named(traced.events, "exec").size() == strace.log.execs.size());
  std::filesystem::remove_all(kDirectory);
}

std::vector<std::string> bash(const char* script) { return {"bash", "-c", script}; }

}  // namespace

TEST_SUITE_BEGIN("strace");

TEST_CASE("git: init, add, commit, log, clone") {
  check_job({"git",
             "git config --global user.name N; git config --global user.email n@example.org; git config --global "
             "init.defaultBranch main;"
             "git config --global gc.auto 0; git config --global maintenance.auto false",
             bash("set -e; git init -q one; cd one; for i in 1 2 3; do echo $i > f$i; git add f$i; git commit -q -m "
                  "\"commit $i\"; done;"
                  "git log --oneline | cat; git tag -a -m annotated v1; cd ..; git clone -q file://$PWD/one two; git "
                  "-C two fetch -q; git -C two status --short; git -C two gc -q"),
             15});
}

TEST_CASE("git: hooks, an alias that runs a shell, a failing command") {
  check_job({"git hooks",
             "git config --global user.name N; git config --global user.email n@example.org; git config --global "
             "alias.up '!echo up | cat';"
             "git init -q r; printf '#!/bin/sh\\n/bin/true from-hook\\n' > r/.git/hooks/pre-commit; chmod +x "
             "r/.git/hooks/pre-commit;"
             "git config --global gc.auto 0; git config --global maintenance.auto false",
             bash("cd r; echo a > a; git add a; git commit -q -m hooked; git up; git no-such-subcommand; git diff "
                  "--stat HEAD | cat; exit 0"),
             8});
}

TEST_CASE("make -j2 of a small C project") {
  check_job({"make",
             "printf 'CFLAGS=-O1\\nOBJ=$(patsubst %%,f%%.o,1 2 3 4 5 6)\\nprog: $(OBJ) main.o\\n\\t$(CC) -o $@ $^\\n"
             "\\t@echo linked | tr a-z A-Z\\n\\t-no-such-tool --help\\n' > Makefile; echo 'int main(void){return 0;}' "
             "> main.c;"
             "for i in 1 2 3 4 5 6; do echo \"int f$i(int a){return a+$i;}\" > f$i.c; done",
             {"make", "-j2"},
             25});
}

TEST_CASE("bash -lc: profile scripts, functions, pipelines, substitutions") {
  check_job({"bash -lc",
             "printf 'export AA=$(basename /a/b)\\n' > .bash_profile",
             {"bash", "-lc",
              "f() { /bin/echo \"$@\" | sed s/a/b/ | tr b c; }; f a b c; x=$(date -u -d @0); for i in $(seq 3); do "
              "test -e $i || (/bin/true $i); done;"
              "cat <(echo one) <(/bin/echo two); no-such-command-at-all; /etc/passwd; type ls; time -p sleep 0; [ -n "
              "\"$AA\" ]"},
             12});
}

TEST_CASE("a script like those of packages") {
  check_job(
      {"package script",
       "printf '#!/bin/sh -e\\nfor p in dpkg bash coreutils; do dpkg-query -W -f \"\\${Package} \\${Version}\\\\n\" $p "
       "| grep -c . ; done\\n"
       "apt-cache policy bash | sed -n 2p | awk \"{print \\$2}\"\\nt=$(mktemp -d /tmp/aa-job-tmp.XXXXXX)\\n"
       "sort /etc/passwd | cut -d: -f1 | head -3 > $t/names\\ngrep -q root $t/names || echo none\\n"
       "install -m 644 $t/names $t/copy\\nln -s copy $t/link\\nreadlink -f $t/link >/dev/null\\n"
       "if ! command -v no-such-helper >/dev/null; then echo skipped; fi\\nrm -rf $t\\n' > postinst; chmod +x postinst",
       {"./postinst", "configure", "1.0"},
       15});
}

TEST_CASE("python: subprocess with a shell and with lists, posix_spawn, fork and exec, a missing program") {
  check_job({"python",
             "cat > p.py <<'END'\nimport os, subprocess, sys, threading\n"
             "subprocess.run('echo shell | cat', shell=True)\nsubprocess.run(['/bin/echo', 'list', 'two words', ''])\n"
             "os.waitpid(os.posix_spawn('/bin/echo', ['echo', 'spawned'], os.environ), 0)\n"
             "os.waitpid(os.posix_spawnp('true', ['true', 'by-path'], os.environ), 0)\n"
             "try:\n    subprocess.run(['no-such-program-x'])\nexcept FileNotFoundError:\n    pass\n"
             "t = [threading.Thread(target=subprocess.run, args=(['/bin/true', str(i)],)) for i in range(4)]\n"
             "[x.start() for x in t]; [x.join() for x in t]\n"
             "if os.fork() == 0:\n    os.execlp('sh', 'other-name', '-c', 'exit 3')\nos.wait()\n"
             "sys.stdout.flush()\nfd = os.open('/bin/true', os.O_RDONLY)\n"
             "if os.fork() == 0:\n    os.execve(fd, ['by-descriptor'], {})\nos.wait()\nEND\n",
             {"/usr/bin/python3", "p.py"},
             14});
}

TEST_CASE("find -exec and xargs -P2") {
  check_job({"find", "mkdir d; for i in 1 2 3 4 5 6 7 8; do echo $i > \"d/file $i\"; done",
             bash("find d -type f -exec cat {} \\; >/dev/null; find d -type f -print0 | sort -z | xargs -0 -n 2 -P 2 "
                  "wc -c >/dev/null;"
                  "find d -name '*3' -exec grep -l 3 {} +; find d -maxdepth 1 -exec no-such-thing {} \\; ; seq 3 | "
                  "xargs -I{} sh -c '/bin/true {}'; true"),
             20});
}

TEST_CASE("perl: system, exec, backticks, a pipe") {
  check_job({"perl",
             "true",
             {"/usr/bin/perl", "-e",
              "system('/bin/true', 'list'); system('echo shell | cat'); my $x = `/bin/echo back`; open(my $p, '-|', "
              "'sort', '/etc/hostname') or die;"
              "my @l = <$p>; close $p; system('no-such-program-y'); system('no-such-program-y', 'a'); "
              "exec('/bin/echo', 'last') or die;"},
             7});
}

TEST_CASE("sh: a search through PATH, a missing command, one without permission, a wrong format") {
  check_job({"PATH",
             "mkdir a b c; printf '#!/bin/sh\\necho c\\n' > c/tool; chmod +x c/tool; printf 'data' > b/tool; printf "
             "'\\177EL' > c/broken; chmod +x c/broken;"
             "printf 'echo no hash-bang\\n' > c/plain; chmod +x c/plain; printf '#!/no/such/interpreter\\n' > "
             "c/orphan; chmod +x c/orphan; ln -s loop c/loop",
             {"sh", "-c",
              "PATH=$PWD/a:$PWD/b:$PWD/c:$PATH; tool; env tool two; env plain; plain; broken; orphan; no-such; ./c; "
              "./b/tool; loop; ./c/loop; env -i ./c/tool; true"},
             10});
}

TEST_CASE("chains of wrappers: env, nice, timeout, setsid, nohup, stdbuf") {
  check_job({"wrappers", "true",
             bash("env A=1 nice -n 1 timeout 20 setsid -w env -u A /bin/echo deep; setsid sh -c 'sleep 0; /bin/true'; "
                  "nohup /bin/true 2>/dev/null;"
                  "timeout 20 sh -c 'exec sh -c \"exec /bin/true three\"'; stdbuf -o0 /bin/echo x; env -S 'echo split "
                  "args'; nice no-such; timeout 1 no-such; true"),
             18});
}

TEST_CASE("many and long arguments") {
  check_job({"arguments", "true",
             bash("/bin/true $(seq 2000); /bin/true \"$(printf '%02000d' 7)\" '' '' \"$(printf 'a\\nb\\tc\\033[1m')\" "
                  "$'\\xc3\\xa9'; /bin/echo \"$(head -c 20000 /dev/zero | tr '\\0' z)\" | wc -c"),
             5});
}

TEST_SUITE_END();

}  // namespace aa::test
