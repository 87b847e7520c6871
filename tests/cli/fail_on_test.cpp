// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A trace that can fail a job, and what it says at its end.
#include <doctest/doctest.h>
#include <unistd.h>

#include "events.hpp"

namespace aa::test {
namespace {

constexpr char kCat[] = "/bin/cat";

Outcome run_traced(std::vector<std::string> options, const std::vector<std::string>& command) {
  options.insert(options.end(), {"--as-root", "--"});
  options.insert(options.end(), command.begin(), command.end());
  return run(aa_spec(options));
}

std::size_t count_lines(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (const auto& line : lines(text)) count += contains(line, part);
  return count;
}

struct Row {
  const char* name;
  std::vector<std::string> options, command;
  int status;
};

const std::vector<std::string> kReadsShadow{kCat, "/etc/shadow"}, kReadsPasswd{kCat, "/etc/passwd"},
    kReadsHostname{kCat, "/etc/hostname"};

const Row kRows[] = {
    {"nothing sensitive", {"--fail-on", "warning"}, kReadsHostname, 0},
    {"without --fail-on", {}, kReadsShadow, 0},
    {"the level itself", {"--fail-on", "critical"}, kReadsShadow, 4},
    {"a level above", {"--fail-on", "warning"}, kReadsShadow, 4},
    {"a level below", {"--fail-on", "warning"}, kReadsPasswd, 0},
    {"info, which is not shown by default", {"--fail-on", "info"}, kReadsPasswd, 4},
    {"a rule of one's own", {"--fail-on", "critical", "--deny", "/etc/hostname"}, kReadsHostname, 4},
    {"a warning of one's own", {"--fail-on", "critical", "--sensitive", "/etc/hostname"}, kReadsHostname, 0},
    {"without the built-in rules", {"--fail-on", "info", "--no-default-rules"}, kReadsShadow, 0},
    {"an event that is not reported", {"--fail-on", "critical", "-e", "exec"}, kReadsShadow, 0},
    {"a shell", {"--fail-on", "critical"}, {"/bin/sh", "-c", ":"}, 4},
    {"COMMAND's own failure wins", {"--fail-on", "critical"}, {"/bin/sh", "-c", "exit 7"}, 7},
    {"so does its signal", {"--fail-on", "critical"}, {"/bin/sh", "-c", "kill -9 $$"}, 137},
    {"so does that it cannot be started", {"--fail-on", "info"}, {"/no/such/bash"}, 127},
    {"a change outside", {"--fail-on", "warning", "--root", "/usr"}, {"/usr/bin/touch", "/tmp/aa-outside"}, 4},
    {"a change inside", {"--fail-on", "warning", "--root", "/tmp"}, {"/usr/bin/touch", "/tmp/aa-outside"}, 0},
};

}  // namespace

TEST_SUITE_BEGIN("--fail-on");

TEST_CASE("exit codes") {
  for (const Row& row : kRows) {
    CAPTURE(std::string(row.name));
    const Outcome o = run_traced(row.options, row.command);
    CAPTURE(o.err);
    CHECK(o.status == row.status);
  }
}

TEST_CASE("one line for each rule that matched, also with -q") {
  for (const bool quiet : {false, true}) {
    std::vector<std::string> options{"--fail-on", "warning", "--deny", "/etc/hostname", "--sensitive", "/etc/host*"};
    if (quiet) options.push_back("-q");
    const Outcome o = run_traced(options, {kCat, "/etc/shadow", "/etc/hostname"});
    CAPTURE(o.err);
    CHECK(o.status == 4);
    // each file is opened and has totals
    CHECK(count_lines(o.err, "failed on critical sensitive /etc/shadow: 2 events") == 1);
    CHECK(count_lines(o.err, "failed on critical deny /etc/hostname: 2 events") == 1);
    CHECK(count_lines(o.err, "failed on warning sensitive /etc/host*: 2 events") == 1);
    CHECK(count_lines(o.err, "failed on") == 3);
  }
}

TEST_CASE("an alert of a lower level is named, but does not fail") {
  const Outcome o = run_traced({"--fail-on", "critical", "--sensitive", "/etc/hostname"}, kReadsHostname);
  CHECK(o.status == 0);
  CHECK(count_lines(o.err, "alert warning sensitive /etc/hostname: 2 events") == 1);
  CHECK(count_lines(o.err, "failed on") == 0);
}

TEST_CASE("the summary: events by name, the most written files, what was lost") {
  const Scratch scratch;
  const std::string script = "cd " + scratch.path() +
                             "; head -c 3000 /dev/zero > big; for i in 1 2 3 4 5 6 7 8 9 10 11; do echo $i > f$i; done"
                             "; head -c 500 /dev/zero >> 'odd\nname'";
  const Outcome o = run_traced({"-e", "exec,io"}, {"/bin/bash", "-c", script});
  CAPTURE(o.err);
  CHECK(o.status == 0);
  CHECK(count_lines(o.err, "aa-trace: 3 exec, ") == 1);
  CHECK(count_lines(o.err, "none lost") == 1);
  CHECK(count_lines(o.err, "aa-trace: written ") == 10);
  CHECK(count_lines(o.err, "aa-trace: written 3000 bytes " + scratch.file("big")) == 1);
  CHECK(count_lines(o.err, "aa-trace: written 500 bytes " + scratch.path() + R"(/odd\nname)") == 1);
  const auto first = o.err.find("written 3000"), second = o.err.find("written 500");
  CHECK(first < second);
}

TEST_CASE("what the user names is checked before anything runs") {
  struct Bad {
    std::vector<std::string> options;
    int status;
    const char* says;
  };
  const Bad rows[] = {
      {{"--fail-on", "fatal"}, 2, "--fail-on 'fatal' is not info, warning or critical"},
      {{"--alert-level", ""}, 2, "--alert-level '' is not info, warning or critical"},
      {{"--deny", "etc/shadow"}, 2, "--deny: 'etc/shadow' does not begin with '/', '~/' or '**/'"},
      {{"--allow", ""}, 2, "--allow: an empty pattern"},
      {{"--sensitive", "/a[b"}, 2, "without its end"},
      {{"--rules", ""}, 2, "--rules needs a file"},
      {{"--rules", "/no/such/file"}, 1, "cannot read the rules in /no/such/file: No such file or directory"},
      {{"--rules", "/etc"}, 1, "cannot read the rules in /etc: Is a directory"},
      {{"--root", "/no/such"}, 1, "--root /no/such: No such file or directory"},
      {{"--root", "/etc/passwd"}, 1, "--root /etc/passwd: Not a directory"},
  };
  const Scratch scratch;
  for (const Bad& row : rows) {
    CAPTURE(std::string(row.says));
    const Outcome o = run_traced(row.options, {"/usr/bin/touch", scratch.file("ran")});
    CAPTURE(o.err);
    CHECK(o.status == row.status);
    CHECK(contains(o.err, row.says));
    CHECK(access(scratch.file("ran").c_str(), F_OK) != 0);
  }
}

TEST_SUITE_END();

}  // namespace aa::test
