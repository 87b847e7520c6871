// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Very many requests of io_uring at once: nothing is missing, nothing is there twice, and the totals add up.
#include "kernel/uring/uring.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <set>

namespace aa::test {

namespace {

const long long kRequests = scaled(10'000, 1000);
using Counts = std::map<std::string, long long>;

Counts true_counts(const Truth& truth) {
  Counts counts;
  for (const Fact& fact : truth.of("count"))
    counts[fact.text("event") + " " + fact.text("error") + " " + fact.text("name") + " " + fact.text("new_name")] =
        fact.number("number");
  return counts;
}

Counts told_counts(const Report& report) {
  const auto value = [](const Event& event, const char* key) { return event.has(key) ? event.text(key) : "-"; };
  Counts counts;
  for (const Event& event : uring_events(report))
    counts[event.kind() + " " + value(event, "error") + " " + value(event, "name") + " " + value(event, "new_name")]++;
  return counts;
}

long long sum(const Counts& counts) {
  long long all = 0;
  for (const auto& count : counts) all += count.second;
  return all;
}

}  // namespace

TEST_CASE("io_uring storm: 10,000 mixed requests, as many events as requests of each kind, result and name") {
  for (const std::string way : {"plain", "async", "sqpoll", "defer"}) {
    CAPTURE(way);
    const TempDir directory;
    const Report report =
        trace_command(directory, {"-e", "file,read,write"}, "uring_storm", {std::to_string(kRequests), "1", way});
    REQUIRE(report.code == 0);
    CHECK(report.lost() == 0);
    const Counts truth = true_counts(report.truth);
    CHECK(sum(truth) == kRequests);
    Counts told = told_counts(report);
    for (const auto& [line, number] : truth) CHECK_MESSAGE(told[line] == number, line);
    CHECK(told.size() == truth.size());
  }
}

TEST_CASE("io_uring storm: a tiny buffer, told and lost requests are all there were") {
  const TempDir directory;
  Workload storm(directory, "uring_storm", {std::to_string(kRequests), "2", "async", "wait"});
  const std::string pid = storm.await_ready().text("pid");
  Trace trace(directory, {"-e", "mkdir,rmdir,unlink,rename,link", "--buffer", "4K", "--pid", pid});
  trace.await_start();
  bool stopped = false;
  SUBCASE("while some are read") {}
  SUBCASE("while none is read") { stopped = true; }
  if (stopped) REQUIRE(kill(trace.pid(), SIGSTOP) == 0);
  storm.go();
  const Truth truth = storm.finish();
  if (stopped) REQUIRE(kill(trace.pid(), SIGCONT) == 0);
  Report report = trace.finish();
  report.truth = truth;
  // how many are lost while some are read depends on the machine
  CHECK(report.code == (report.lost() ? 3 : 0));
  if (stopped) CHECK(report.lost() > 0);
  long long asked = 0;
  for (const auto& [line, number] : true_counts(report.truth)) {
    const std::string kind = line.substr(0, line.find(' '));
    if (kind != "open" && kind != "read" && kind != "write") asked += number;
  }
  CHECK(asked > kRequests / 4);
  CHECK(static_cast<long long>(uring_events(report).size()) + report.lost() == asked);
}

TEST_CASE("io_uring storm: random reads and writes add up for every file") {
  struct Run {
    std::string threads, way, interval;
  };
  for (const Run& run :
       {Run{"4", "plain", "0"}, Run{"1", "async", "0.01"}, Run{"2", "sqpoll", "0.01"}, Run{"3", "defer", "1"}}) {
    CAPTURE(run.threads);
    CAPTURE(run.way);
    const TempDir directory;
    const Report report = trace_command(directory, {"-e", "io", "--io-interval", run.interval}, "uring_random",
                                        {std::to_string(kRequests), "7", run.threads, run.way});
    REQUIRE(report.code == 0);
    const PathTotals truth = true_totals(report.truth);
    CHECK(truth.size() > static_cast<size_t>(scaled(50, 10)));
    check_totals(told_totals(report), truth);
    std::multiset<std::string> closed;
    for (const Event& io : report.of("io")) {
      if (io.flag("closed") && io.text("path").find("/file.") != std::string::npos) closed.insert(io.text("path"));
    }
    int slots = 0;
    for (const auto& [file, totals] : truth) {
      const std::string& name = file.second;
      slots += name.starts_with('/');
      CHECK_MESSAGE(closed.count(name.substr(name.find('/'))) == 1, name);
    }
    CHECK(slots > scaled(10, 2));
  }
}

}  // namespace aa::test
