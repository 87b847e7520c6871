// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Shells and download tools that real programs start, whoever starts them.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "events.hpp"

namespace aa::test {
namespace {

struct Started {
  std::string rule, level, lineage;  // the names of the lineage joined by '>'
  auto operator<=>(const Started&) const = default;
};

std::string joined(const Json& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ">") + name.get<std::string>();
  return text;
}

// The alerts of successful execs.
std::set<Started> started(const Events& events) {
  std::set<Started> all;
  for (const auto& e : named(events, "exec"))
    if (!e.contains("error") && text_of(e, "alert") == "shell")
      all.insert({text_of(e, "rule"), text_of(e, "level"), joined(e["lineage"])});
  return all;
}

std::string to_text(const std::set<Started>& all) {
  std::string text;
  for (const auto& s : all) text += s.rule + " " + s.level + " under " + s.lineage + "\n";
  return text;
}

Spec spec_in(const Scratch& scratch) {
  Spec spec;
  spec.cwd = scratch.path();
  spec.env = {{"HOME", scratch.path()},     {"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"},
              {"GIT_CONFIG_NOSYSTEM", "1"}, {"MAKEFLAGS", std::nullopt},
              {"MAKELEVEL", std::nullopt},  {"MFLAGS", std::nullopt},
              {"PYTHONPATH", std::nullopt}};
  return spec;
}

struct Row {
  const char* name;
  std::vector<std::string> command;
  std::vector<Started> expected;  // among others
};

const Row kRows[] = {
    {"a python script that calls os.system",
     {"/usr/bin/python3", "-c", "import os; os.system('/bin/true; :')"},
     {{"python", "warning", ""}, {"sh", "critical", "python3"}}},
    {"node's child_process",
     {"/usr/bin/node", "-e", "require('child_process').execSync('/bin/true; :')"},
     {{"node", "warning", ""}, {"sh", "critical", "node"}}},
    {"what is fetched and piped into a shell",
     {"/bin/bash", "-c", "curl -s file://$PWD/install.sh | sh"},
     {{"bash", "critical", ""}, {"curl", "critical", "bash"}, {"sh", "critical", "bash"}}},
    {"a makefile", {"/usr/bin/make", "-s"}, {{"sh", "critical", "make"}, {"python", "warning", "make>sh"}}},
    {"a git hook",
     {"/usr/bin/git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "x"},
     {{"dash", "critical", "git"}}},
    {"a script that names its shell", {"./script"}, {{"dash", "critical", ""}}},
    {"env in front of an interpreter", {"/usr/bin/env", "python3", "-c", "1"}, {{"python", "warning", ""}}},
    {"busybox, under the name of an applet", {"./wget", "--help"}, {{"wget", "critical", ""}}},
    {"an interpreter behind a script of another name", {"./tool"}, {{"perl", "warning", ""}}},
    {"a shell that is renamed, as the interpreter of a script", {"./renamed"}, {{"bash", "critical", ""}}},
};

const char kSetup[] = R"(set -e
  echo 'exec /bin/true' > install.sh
  printf 'all:\n\t@/usr/bin/python3 -c 1; :\n' > Makefile
  git init -q .; printf '#!/bin/sh\nexit 0\n' > .git/hooks/pre-commit; chmod +x .git/hooks/pre-commit
  printf '#!/bin/sh\n:\n' > script; printf '#!/usr/bin/perl\n1;\n' > tool; chmod +x script tool
  ln -s /usr/bin/busybox wget; ln -s /bin/bash innocent
  printf '#!%s/innocent\n:\n' "$PWD" > renamed; chmod +x renamed)";

}  // namespace

TEST_SUITE_BEGIN("detectors");

TEST_CASE("shells and download tools, with the whole chain of who started them") {
  const Scratch scratch;
  Spec setup = spec_in(scratch);
  setup.argv = {"/bin/bash", "-c", kSetup};
  const Outcome prepared = run(setup);
  CAPTURE(prepared.err);
  REQUIRE(prepared.status == 0);
  for (const Row& row : kRows) {
    CAPTURE(std::string(row.name));
    const Traced traced = trace({"-e", "exec"}, row.command, spec_in(scratch));
    CAPTURE(traced.outcome.err);
    CHECK_FALSE(traced.outcome.timed_out);
    const auto found = started(traced.events);
    CAPTURE(to_text(found));
    for (const Started& expected : row.expected) {
      CAPTURE(expected.rule);
      CHECK(found.contains(expected));
    }
  }
}

TEST_CASE("an exec that fails has its alert too; a program of another name has none") {
  const Traced traced = trace({"-e", "exec"}, {"/usr/bin/env", "PATH=/no:/such", "python3.99"});
  const Events failed = named(traced.events, "exec");
  std::size_t alerts = 0;
  for (const auto& e : failed) {
    CHECK(shape_error(e) == "");
    const bool python = text_of(e, "filename").ends_with("python3.99");
    CHECK(e.contains("alert") == python);
    if (!python) continue;
    alerts++;
    CHECK(text_of(e, "error") == "ENOENT");
    CHECK(text_of(e, "level") == "warning");
  }
  CHECK(alerts == 2);
}

TEST_CASE("in text the alert stands before the event's own keys") {
  const Outcome o = run(aa_spec({"-e", "exec", "--as-root", "--", "/bin/sh", "-c", ":"}));
  REQUIRE(lines(o.out).size() == 1);
  const auto event = parse_text_line(lines(o.out)[0]);
  REQUIRE(event.has_value());
  CHECK(text_shape_error(*event) == "");
  CHECK(event->value("alert") == R"("shell")");
  CHECK(event->value("level") == R"("critical")");
  CHECK(event->value("rule") == R"("sh")");
}

TEST_SUITE_END();

}  // namespace aa::test
