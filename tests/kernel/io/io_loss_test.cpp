// SPDX-License-Identifier: MIT OR Apache-2.0
//
// File events and totals that do not arrive are counted, to the last one; where there is room none is lost.
#include "kernel/io/io_lines.hpp"

#include <doctest/doctest.h>

#include "descriptors.h"

#include <csignal>
#include <set>
#include <sstream>

namespace aa::test {

namespace {

// Lines of text output by the event they tell; `lost` by its reason, with its counts added up.
struct Counted {
  std::map<std::string, long long> events;
  std::map<std::string, long long> lost;
  long long all_lost = 0;
};

long long number_after(const std::string& line, const std::string& key) {
  const size_t at = line.find(" " + key + "=");
  REQUIRE_MESSAGE(at != std::string::npos, line);
  return std::stoll(line.substr(at + key.size() + 2));
}

Counted count_lines(const std::string& text) {
  Counted counted;
  std::istringstream lines(text);
  std::string line, stamp, kind;
  while (std::getline(lines, line)) {
    std::istringstream(line) >> stamp >> kind;
    if (kind != "lost") {
      counted.events[kind]++;
      continue;
    }
    const size_t reason = line.find("reason=");
    REQUIRE(reason != std::string::npos);
    counted.lost[line.substr(reason + 7, line.find(' ', reason) - reason - 7)] += number_after(line, "count");
    counted.all_lost += number_after(line, "count");
  }
  return counted;
}

const std::string kStorm = std::to_string(scaled(3000, 500));  // milliseconds

// Text: a storm has too many events for the harness's JSON.
Report storm(const TempDir& directory, const std::string& events, const std::string& milliseconds,
             const std::vector<std::string>& options) {
  std::vector<std::string> all{"-e", events, "--io-interval", "0"};
  all.insert(all.end(), options.begin(), options.end());
  return trace_command(directory, all, "io_storm", {"8", milliseconds}, Trace::Format::kText);
}

}  // namespace

TEST_CASE("a tiny buffer: opens and unlinks of a storm, told or lost, are all there were") {
  const TempDir directory;
  const Report report = storm(directory, "open,unlink", kStorm, {"--buffer", "4K"});
  const Counted told = count_lines(report.text);
  const Fact truth = report.truth.only("storm");
  CHECK(report.code == (told.all_lost ? 3 : 0));
  CHECK(told.events.at("open") <= truth.number("opens"));
  CHECK(told.events.at("unlink") <= truth.number("unlinks"));
  CHECK(told.events.at("open") + told.events.at("unlink") + told.all_lost ==
        truth.number("opens") + truth.number("unlinks"));
}

TEST_CASE("a tiny buffer: every kind of event of a storm") {
  const TempDir directory;
  const Report report = storm(directory, "open,unlink,io,calls", "500", {"--buffer", "4K"});
  const Counted told = count_lines(report.text);
  const Fact truth = report.truth.only("storm");
  CHECK(report.code == (told.all_lost ? 3 : 0));
  long long sum = told.all_lost;
  for (const auto& [kind, count] : told.events) sum += count;
  // io lines: one for each file; and its report of the truth is a write, and an io line
  CHECK(sum ==
        truth.number("opens") + 2 * truth.number("writes") + truth.number("closes") + truth.number("unlinks") + 2);
}

TEST_CASE("the default buffer: no open or unlink of a storm is lost") {
  const TempDir directory;
  const Report report = storm(directory, "open,unlink", kStorm, {});
  const Counted told = count_lines(report.text);
  const Fact truth = report.truth.only("storm");
  CHECK_MESSAGE(report.code == 0, report.errors);
  CHECK(told.all_lost == 0);
  CHECK(truth.number("opens") > scaled(1000, 100));
  CHECK(told.events.at("open") == truth.number("opens"));
  CHECK(told.events.at("unlink") == truth.number("unlinks"));
}

TEST_CASE("more descriptors in use than there is room for: the rest is lost, and told as map_full") {
  constexpr long long kDescriptors = AA_DESCRIPTORS_MAX + 1000;
  const TempDir directory;
  Workload many(directory, "io_many", {std::to_string(kDescriptors)});
  const std::string pid = many.await_ready().text("pid");
  Trace trace(directory, {"-e", "io", "--io-interval", "0", "--buffer", "128M", "--pid", pid}, Trace::Format::kText);
  REQUIRE(wait_until([&] { return trace.errors().find("watching") != std::string::npos; }));
  many.go();
  many.await("written");
  many.go();
  many.finish();
  const Report report = trace.finish();
  CHECK(report.code == 3);
  const Counted told = count_lines(report.text);
  CHECK(told.lost.size() == 1);
  // and what it wrote to its stdout meanwhile
  CHECK(told.lost.at("map_full") == 1002);
  std::istringstream lines(report.text);
  std::string line;
  std::set<std::pair<long long, long long>> seen;
  long long right = 0;
  while (std::getline(lines, line)) {
    if (line.find("] io ") == std::string::npos ||
        line.find("path=\"" + directory.file("many") + "\"") == std::string::npos)
      continue;
    const long long fd = number_after(line, "fd");
    right += seen.insert({number_after(line, "pid"), fd}).second && number_after(line, "writes") == 1 &&
             number_after(line, "reads") == 0 && number_after(line, "written_bytes") == fd % 10 + 1;
  }
  CHECK(right == told.events.at("io"));
  CHECK(right + 1000 == kDescriptors);
}

// The record that says a descriptor's path is one that nobody asked for. What it is needed for is not.
TEST_CASE("descriptors whose paths were lost: told without them, or counted") {
  constexpr int kDescriptors = 2000;
  bool closed = false;
  SUBCASE("which go while the trace runs") { closed = true; }
  SUBCASE("which are open at its end") {}
  const TempDir directory;
  Workload many(directory, "io_many", {std::to_string(kDescriptors)});
  const std::string pid = many.await_ready().text("pid");
  Trace trace(directory, {"-e", "io", "--io-interval", "0.05", "--buffer", "4K", "--pid", pid});
  trace.await_start();
  REQUIRE(kill(trace.pid(), SIGSTOP) == 0);
  many.go();
  const Fact written = many.await("written");
  REQUIRE(kill(trace.pid(), SIGCONT) == 0);
  if (closed) {
    many.go();
    many.finish();
  } else {
    trace.interrupt();
  }
  const Report report = trace.finish();
  const Uses told = told_uses(report.of("io"));
  long long right = 0, without_path = 0;
  for (const auto& [key, uses] : told) {
    if (key.second < 100) continue;
    REQUIRE(uses.size() == 1);
    without_path += uses.front().path.empty();
    CHECK(uses.front().closed);
    CHECK(uses.front().totals == Totals{0, 0, 1, key.second % 10 + 1});
    CHECK((uses.front().path.empty() || uses.front().path == directory.file("many")));
    right++;
  }
  CHECK(written.number("count") == kDescriptors);
  // the end of each has a record, and a trace that is fast enough loses none of those
  if (closed) CHECK(without_path + report.lost() > 0);
  else CHECK(report.lost() > 0);
  CHECK(report.code == (report.lost() > 0 ? 3 : 0));
  // its stdout has a descriptor as well
  CHECK(right + report.lost() >= kDescriptors);
  CHECK(right + report.lost() <= kDescriptors + 1);
}

TEST_CASE("a tiny buffer: descriptors that come and go, and some that stay, are told or counted") {
  const long long kUses = scaled(20000, 1000);
  const TempDir directory;
  Workload churn(directory, "io_churn", {std::to_string(kUses)});
  const std::string pid = churn.await_ready().text("pid");
  Trace trace(directory, {"-e", "io", "--io-interval", "0", "--buffer", "4K", "--pid", pid});
  trace.await_start();
  churn.go();
  churn.await("churned");
  trace.interrupt();
  const Report report = trace.finish();
  churn.go();
  churn.finish();
  CHECK(report.code == (report.lost() ? 3 : 0));
  const long long told = static_cast<long long>(report.of("io").size());
  CHECK(told > 0);
  // its stdout has a descriptor as well
  CHECK(told + report.lost() == kUses + 1);
}

}  // namespace aa::test
