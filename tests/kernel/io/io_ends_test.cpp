// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The io line of a descriptor comes when it goes, and not before.
#include "kernel/io/io_lines.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace aa::test {

namespace {

constexpr long long kFd = 20, kOther = 21;
constexpr long long kBytes = 5;  // of each write

enum class End { kActed, kExec, kExit };

// When the first use of the descriptor ends, how often the file was written to until then, and where the write went
// that follows: `rest` times to the file through another use, and `other` times to what is open under the number now.
struct Case {
  const char* name;
  End end;
  int writes;
  int rest = 0;
  int other = 0;
};

constexpr Case kCases[] = {
    {"close", End::kActed, 3},
    {"dup2", End::kActed, 3, 0, 1},
    {"dup3", End::kActed, 3, 0, 1},
    {"dup2_of_its_duplicate", End::kActed, 3, 1},
    {"dup2_itself", End::kExit, 4},
    {"dup3_refused", End::kExit, 4},
    {"dup2_of_nothing", End::kExit, 4},
    {"close_another", End::kExit, 4},
    {"close_duplicate", End::kExit, 4},
    {"range", End::kActed, 3},
    {"range_to_the_end", End::kActed, 3},
    {"range_of_others", End::kExit, 4},
    {"range_unshared", End::kActed, 3},
    {"range_refused", End::kExit, 4},
    {"range_cloexec", End::kExec, 3},
    {"range_cloexec_unshared", End::kExec, 3},
    {"set_cloexec", End::kExec, 3},
    {"failed_exec", End::kExit, 4},
    {"executed_open", End::kExit, 4},
    {"child_closes", End::kExit, 4},
    {"spawned_child", End::kExit, 4},
    {"exit_in_thread", End::kExit, 3},
    {"exit", End::kExit, 4},
    {"killed", End::kExit, 3},
    {"crashed", End::kExit, 3},
};

// The place in the stream: the harness has checked that it is in the order of time for each thread.
size_t place_of(const Report& report, const std::function<bool(const Event&)>& wanted) {
  const auto found = std::find_if(report.events.begin(), report.events.end(), wanted);
  return static_cast<size_t>(found - report.events.begin());
}

size_t mark_of(const Report& report, long long pid, const std::string& path) {
  return place_of(report, [&](const Event& event) {
    return event.kind() == "mkdir" && event.pid() == pid && event.text("path") == path;
  });
}

void check_case(const Report& report, const TempDir& directory, const Case& expected) {
  const long long pid = report.truth.only("case", "name", expected.name).number("pid");
  const std::string file = directory.file(std::string(expected.name) + ".file");
  const std::vector<Event> own = report.of("io", pid);
  const Uses told = told_uses(own);
  check_all_closed(told);

  Uses truth;
  std::vector<Use>& uses = truth[{pid, kFd}];
  const auto writes = [](int count) { return Totals{0, 0, count, count * kBytes}; };
  uses.push_back({file, writes(expected.writes)});
  if (expected.rest) uses.push_back({file, writes(expected.rest)});
  if (expected.other) uses.push_back({directory.file("other"), writes(expected.other)});
  check_uses(told, truth);

  const size_t line = place_of(
      report, [&](const Event& event) { return event.kind() == "io" && event.pid() == pid && event.flag("closed"); });
  const size_t none = report.events.size();
  const size_t acted = mark_of(report, pid, directory.file(std::string(expected.name) + ".acted"));
  const size_t again = mark_of(report, pid, directory.file(std::string(expected.name) + ".again"));
  const size_t exit =
      place_of(report, [&](const Event& event) { return event.kind() == "exit" && event.pid() == pid; });
  REQUIRE(acted < exit);
  REQUIRE(exit < none);
  if (expected.end == End::kActed) CHECK(line < acted);
  if (expected.end == End::kExec) CHECK((acted < line && line < again && again < exit));
  if (expected.end == End::kExit) CHECK((acted < line && line < exit && (again == none || again < line)));
}

}  // namespace

TEST_CASE("an io line comes when its descriptor goes") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "io,mkdir,exit", "--io-interval", "0"}, "io_ends");
  REQUIRE(report.code == 0);
  CHECK(report.truth.of("case").size() == std::size(kCases));
  for (const Case& expected : kCases) {
    INFO(std::string(expected.name));
    check_case(report, directory, expected);
  }
}

TEST_CASE("close events: of what is closed by a call, and of nothing else") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "close"}, "io_ends");
  REQUIRE(report.code == 0);
  // what each case closes beside the two descriptors that it opened the files with
  const std::map<std::string, std::vector<long long>> closed = {
      {"close", {kFd}},
      {"dup2", {kFd}},
      {"dup3", {kFd}},
      {"dup2_of_its_duplicate", {kFd, 3}},
      {"close_another", {kOther}},
      {"close_duplicate", {3}},
      {"range", {kFd}},
      {"range_to_the_end", {kFd, kOther}},
      {"range_of_others", {kOther}},
      {"range_unshared", {kFd, kOther}},
  };
  for (const Case& expected : kCases) {
    INFO(std::string(expected.name));
    const long long pid = report.truth.only("case", "name", expected.name).number("pid");
    std::vector<long long> told, truth{3, 3};
    for (const Event& event : report.of("close", pid)) {
      told.push_back(event.number("fd"));
      CHECK_FALSE(event.has("error"));
      const bool other = event.number("fd") == kOther || (told.size() == 1);
      CHECK(event.text("path") == directory.file(other ? "other" : std::string(expected.name) + ".file"));
    }
    if (const auto found = closed.find(expected.name); found != closed.end())
      truth.insert(truth.end(), found->second.begin(), found->second.end());
    CHECK(told == truth);
  }
}

}  // namespace aa::test
