// SPDX-License-Identifier: MIT OR Apache-2.0
//
// argv at the edges: what fits is whole, what does not is cut and says so.
#include "kernel/expect.hpp"

#include <doctest/doctest.h>

#include <numeric>

namespace aa::test {

namespace {

constexpr long long kLimit = 32 * 1024;

long long size_of(const std::vector<std::string>& arguments) {
  return std::accumulate(arguments.begin(), arguments.end(), 0LL, [](long long sum, const std::string& argument) {
    return sum + static_cast<long long>(argument.size()) + 1;
  });
}

bool is_prefix(const std::vector<std::string>& cut, const std::vector<std::string>& whole) {
  if (cut.empty() || cut.size() > whole.size()) return false;
  for (size_t i = 0; i + 1 < cut.size(); i++) {
    if (cut[i] != whole[i]) return false;
  }
  return whole[cut.size() - 1].compare(0, cut.back().size(), cut.back()) == 0;
}

void check_whole(const Event& exec, const std::vector<std::string>& arguments) {
  INFO(exec.line());
  const bool same = exec.all_bytes("argv") == arguments;
  CHECK_MESSAGE(same, "argv differs, " << exec.all_bytes("argv").size() << " of " << arguments.size());
  CHECK_FALSE(exec.flag("argv_truncated"));
  CHECK_FALSE(exec.has("argv_bytes"));
  CHECK_FALSE(exec.has("unreadable"));
}

// `slack`: what may be missing to the limit, where arguments are not split.
void check_cut(const Event& exec, const std::vector<std::string>& arguments, long long slack) {
  INFO(exec.line());
  const std::vector<std::string> told = exec.all_bytes("argv");
  CHECK_MESSAGE(is_prefix(told, arguments), "no prefix of what was passed");
  CHECK(size_of(told) <= kLimit + 1);
  CHECK(size_of(told) >= kLimit - slack);
  CHECK(exec.flag("argv_truncated"));
  // of a failed exec nothing is measured: the kernel itself may not have looked at the arguments
  if (exec.has("error")) CHECK_FALSE(exec.has("argv_bytes"));
  else CHECK(exec.number("argv_bytes") == size_of(arguments));
  CHECK_FALSE(exec.has("unreadable"));
}

// So many that it is their number that is bounded.
void check_first(const Event& exec, const std::vector<std::string>& arguments, size_t count) {
  INFO(exec.line());
  const std::vector<std::string> told = exec.all_bytes("argv");
  CHECK(told.size() == count);
  CHECK_MESSAGE(is_prefix(told, arguments), "no prefix of what was passed");
  CHECK(exec.flag("argv_truncated"));
  CHECK_FALSE(exec.has("argv_bytes"));
}

struct Case {
  const char* name;
  long long slack;  // below 0: nothing is cut
};

Event success(const Report& report, const char* name) {
  return report.only("exec", report.truth.only("call", "case", name).number("pid"));
}

std::vector<std::string> received(const Report& report, const char* name) {
  const std::string pid = report.truth.only("call", "case", name).text("pid");
  return report.truth.only("self", "pid", pid).list("arg");
}

}  // namespace

TEST_CASE("argument lists of successful execs") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "exec,exit"}, "odd_arguments");
  REQUIRE(report.code == 0);
  CHECK(check_exits(report) == 10);
  const std::vector<Case> cases = {{"empties", -1}, {"only_empty", -1}, {"many", -1},    {"one_long", -1}, {"30k", -1},
                                   {"32k", -1},     {"over_32k", 512},  {"100k_one", 1}, {"1m", 523}};
  for (const Case& each : cases) {
    INFO(each.name);
    if (each.slack < 0) check_whole(success(report, each.name), received(report, each.name));
    else check_cut(success(report, each.name), received(report, each.name), each.slack);
  }
  CHECK(received(report, "many").size() == 10000);
}

TEST_CASE("an exec without any argument") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "exec"}, "odd_arguments");
  REQUIRE(report.code == 0);
  // Since 5.18 the kernel puts one empty argument there; the program tells which it was.
  check_whole(success(report, "none"), received(report, "none"));
}

TEST_CASE("argument lists of failed execs") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "exec"}, "odd_arguments");
  REQUIRE(report.code == 0);
  constexpr size_t kMany = 1024;  // arguments of a failed exec are told
  const std::vector<Case> cases = {{"failed_none", -1},   {"failed_empties", -1},   {"failed_1024", -1},
                                   {"failed_many", 0},    {"failed_30k", -1},       {"failed_32k", -1},
                                   {"failed_32k_and", 0}, {"failed_over_32k", 512}, {"failed_1m", 523}};
  const std::vector<Fact> truth = report.truth.of("failed");
  REQUIRE(truth.size() == cases.size());
  std::vector<Event> failures;
  for (const Event& exec : report.of("exec", truth.front().number("pid"))) {
    if (exec.has("error")) failures.push_back(exec);
  }
  REQUIRE(failures.size() == cases.size());
  for (size_t i = 0; i < cases.size(); i++) {
    INFO(cases[i].name);
    CHECK(truth[i].text("case") == cases[i].name);
    CHECK(failures[i].text("error") == "ENOENT");
    CHECK(failures[i].text("filename") == "./missing");
    if (cases[i].name == std::string("failed_many")) check_first(failures[i], truth[i].list("arg"), kMany);
    else if (cases[i].slack < 0) check_whole(failures[i], truth[i].list("arg"));
    else check_cut(failures[i], truth[i].list("arg"), cases[i].slack);
  }
}

}  // namespace aa::test
