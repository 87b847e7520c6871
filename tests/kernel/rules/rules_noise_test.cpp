// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What a rule suppresses does not even reach the ring buffer: a storm of it pushes nothing else out.
#include "kernel/file/file_check.hpp"
#include "kernel/io/io_lines.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <map>
#include <set>

namespace aa::test {

namespace {

// More than all that is told of loud/ takes, and less than a tenth of what the noise would.
const std::string kBuffer = "32K";
const std::string kRounds = "100";

// While aa-trace stands still: what is in the buffer stays there.
Report make_noise(const TempDir& directory, const std::string& events) {
  Workload noise(directory, "rules_noise", {kRounds});
  Trace trace(directory, {"-e", events, "--io-interval", "0", "--buffer", kBuffer, "--no-default-rules", "--allow",
                          directory.file("quiet/"), "--pid", noise.await_ready().text("pid")});
  trace.await_start();
  REQUIRE(kill(trace.pid(), SIGSTOP) == 0);
  noise.go();
  const Truth truth = noise.finish();
  REQUIRE(kill(trace.pid(), SIGCONT) == 0);
  Report report = trace.finish();
  report.truth = truth;
  CHECK_MESSAGE(report.code == 0, report.errors);
  CHECK(report.lost() == 0);
  return report;
}

// Both paths, where there are two.
bool is_all_below(const Event& event, const std::string& directory) {
  if (!event.has("path")) return false;
  return event.text("path").starts_with(directory) &&
         (!event.has("new_path") || event.text("new_path").starts_with(directory));
}

std::map<std::string, long long> count_on(const Report& report, const std::string& path) {
  std::map<std::string, long long> counts;
  for (const Event& event : report.events)
    if (event.has("path") && event.text("path") == path) counts[event.kind()]++;
  return counts;
}

}  // namespace

TEST_CASE("allowed noise: every file event on it is dropped, every other one is told") {
  const TempDir directory;
  const Report report = make_noise(directory, "file");
  CHECK(report.truth.only("noise").number("calls") == 1'400);
  CHECK(check_file_calls(report) == 16);
  for (const Event& event : report.events) CHECK_FALSE(is_all_below(event, directory.file("quiet")));
}

TEST_CASE("allowed noise: descriptors of allowed files have no totals, and those of others the right ones") {
  const TempDir directory;
  const Report report = make_noise(directory, "io");
  const Uses told = told_uses(report.of("io"));
  const long long moved = report.truth.only("noise").number("moved");
  CHECK(on_path(told, directory.file("loud/there")) == Totals{moved, 4 * moved, moved, 4 * moved});
  std::set<std::string> paths;
  for (const auto& [path, totals] : by_path(told)) paths.insert(path.second);
  paths.erase(directory.file("loud/there"));
  // its stdout
  REQUIRE(paths.size() == 1);
  CHECK(paths.begin()->ends_with(".out"));
}

TEST_CASE("allowed noise: single reads, writes and closes") {
  const TempDir directory;
  const Report report = make_noise(directory, "all");
  const long long moved = report.truth.only("noise").number("moved");
  CHECK(check_file_calls(report) == 16);
  for (const Event& event : report.events) CHECK_FALSE(is_all_below(event, directory.file("quiet")));
  const std::map<std::string, long long> expected = {
      {"open", moved}, {"read", moved}, {"write", moved}, {"close", moved}, {"io", moved}};
  CHECK(count_on(report, directory.file("loud/there")) == expected);
}

TEST_CASE("allowed noise: io_uring in an allowed directory is not told either") {
  for (const std::string way : {"plain", "async"}) {
    CAPTURE(way);
    const TempDir directory;
    const Report report = trace_command(directory, {"-e", "file,read,write", "--allow", directory.path() + "/"},
                                        "uring_storm", {"2000", "1", way});
    CHECK_MESSAGE(report.code == 0, report.errors);
    CHECK(report.lost() == 0);
    CHECK_FALSE(report.truth.of("count").empty());
    for (const Event& event : report.events) CHECK_FALSE(is_all_below(event, directory.path()));
  }
}

}  // namespace aa::test
