// SPDX-License-Identifier: MIT OR Apache-2.0
//
// aa-trace's own pipeline on a terminal that is watched: left out, and nothing else that gets into its process group.
#include "kernel/expect.hpp"
#include "kernel/targets/pty.hpp"

#include <doctest/doctest.h>

#include <map>

namespace aa::test {

namespace {

using Cases = std::map<std::string, bool>;  // seen or not

Report trace_pipeline(const std::string& shell, const std::vector<std::string>& options,
                      const std::vector<std::string>& targets = {}, std::vector<std::string> program = {}) {
  const TempDir directory;
  const Pty pty;
  program.insert(program.end(), {workload_path("pipeline_shell"), shell, pty.path()});
  for (const std::string& word : aa_trace_command()) program.push_back(word);
  std::vector<std::string> words{"-q", "--tty", "tty"};
  words.insert(words.end(), options.begin(), options.end());
  words.insert(words.end(), targets.begin(), targets.end());
  return Trace(directory, words, Trace::Format::kJson, program).finish();
}

// Each case that the workload tells of is in the table, and was seen or not as the table says.
void check_cases(const Report& report, const Cases& execs, const Cases& files) {
  CHECK_MESSAGE(report.code == 0, report.errors);
  CHECK(report.lost() == 0);
  CHECK(report.truth.of("call").size() == execs.size());
  for (const Fact& call : report.truth.of("call")) {
    CAPTURE(call.line());
    const auto expected = execs.find(call.text("case"));
    REQUIRE(expected != execs.end());
    std::size_t seen = 0;
    for (const Event& exec : report.of("exec", call.number("pid"))) seen += exec.texts("argv") == call.list("arg");
    CHECK(seen == (expected->second ? 1 : 0));
    if (expected->second) CHECK(report.of("exit", call.number("pid")).size() == 1);
    else CHECK(report.of("exit", call.number("pid")).empty());
  }
  CHECK(report.truth.of("made").size() == files.size());
  for (const Fact& made : report.truth.of("made")) {
    CAPTURE(made.line());
    const auto expected = files.find(made.text("case"));
    REQUIRE(expected != files.end());
    std::size_t seen = 0;
    for (const Event& open : report.of("open", made.number("pid")))
      seen += open.has("created") && open.text("path").ends_with("/" + made.text("case"));
    CHECK(seen == (expected->second ? 1 : 0));
  }
}

const std::vector<std::string> kEvents{"-e", "process,open"};

// What no shell and no member of the pipeline starts there.
const Cases kIntruders{{"intruder", true},
                       {"child of an intruder", true},
                       {"sibling of an intruder", true},
                       {"late intruder", true},
                       {"job", true},
                       {"late for the pipeline", true},
                       {"child of one late for the pipeline", true}};
const Cases kIntrudersFiles{{"before", true}, {"after", true}, {"late intruder", true}};

Cases with(Cases cases, const Cases& more) {
  cases.insert(more.begin(), more.end());
  return cases;
}

}  // namespace

TEST_CASE("--tty of its own terminal: the pipeline is who was in it, and what the shell still adds to it") {
  const Cases pipeline{{"child of a member", false},
                       {"member executes", false},
                       {"leaver", true},
                       {"late member", false},
                       {"child of a late member", false}};
  for (int round = 0; round < scaled(3, 1); round++)
    check_cases(trace_pipeline("groups", kEvents), with(pipeline, kIntruders),
                with(kIntrudersFiles, {{"member", false}}));
}

TEST_CASE("--tty of its own terminal: the pipeline in a pid namespace, or among all processes") {
  std::vector<std::string> targets, program;
  SUBCASE("pid namespace") { program = {workload_path("in_pid_namespace"), "own-proc"}; }
  SUBCASE("all") { targets = {"--all"}; }
  const Cases pipeline{{"child of a member", false},
                       {"member executes", false},
                       {"leaver", true},
                       {"late member", false},
                       {"child of a late member", false}};
  check_cases(trace_pipeline("groups", kEvents, targets, program), with(pipeline, kIntruders),
              with(kIntrudersFiles, {{"member", false}}));
}

TEST_CASE("--tty of its own terminal: a shell that does something else has its pipeline complete") {
  const Cases pipeline{{"child of a member", false}, {"member executes", false}, {"leaver", true}};
  check_cases(trace_pipeline("closed", kEvents), with(pipeline, kIntruders),
              with(kIntrudersFiles, {{"member", false}}));
}

TEST_CASE("--tty of its own terminal: a shell without groups is left out, not what it starts") {
  const Cases cases{{"child of a member", false}, {"member executes", false},      {"leaver", true},
                    {"intruder", true},           {"command of the script", true}, {"child of an intruder", true}};
  check_cases(trace_pipeline("script", kEvents), cases, {{"before", true}, {"after", true}, {"member", false}});
}

TEST_CASE("--tty of its own terminal: what is named is watched, also in the pipeline") {
  const Cases named{{"child of a member", true}, {"member executes", true}, {"leaver", true}};
  std::vector<std::string> targets{"-p", "%m"};
  bool command = false;
  SUBCASE("a process") {}
  SUBCASE("with --all") { targets.push_back("--all"); }
  SUBCASE("and COMMAND") {
    command = true;
    targets.insert(targets.end(), {"--as-root", "--", workload_path("print_self"), "COMMAND"});
  }
  const Report report = trace_pipeline("closed", kEvents, targets);
  check_cases(report, with(named, kIntruders), with(kIntrudersFiles, {{"member", true}}));
  if (!command) return;
  std::size_t seen = 0;
  for (const Fact& self : report.truth.of("self"))
    if (self.list("arg").back() == "COMMAND")
      seen += report.only("exec", self.number("pid")).texts("argv") == self.list("arg");
  CHECK(seen == 1);
}

}  // namespace aa::test
