// SPDX-License-Identifier: MIT OR Apache-2.0
//
// io lines while a descriptor stays open, and when the trace ends before it.
#include "kernel/io/io_lines.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <map>
#include <set>

namespace aa::test {

namespace {

constexpr Totals kRound{1, 4, 3, 30};

Totals rounds(int count) {
  Totals sum;
  for (int i = 0; i < count; i++) sum += kRound;
  return sum;
}

// io_stays, traced from before its first round.
struct Stay {
  TempDir directory;
  Workload workload;
  long long pid;
  Trace trace;
  int done = 0;

  explicit Stay(std::vector<std::string> options, const std::vector<std::string>& arguments = {})
      : workload(directory, "io_stays", arguments),
        pid(workload.await_ready().number("pid")),
        trace(directory, with_pid(std::move(options), pid)) {
    trace.await_start();
  }

  static std::vector<std::string> with_pid(std::vector<std::string> options, long long pid) {
    options.insert(options.end(), {"--pid", std::to_string(pid)});
    return options;
  }

  void go() {
    workload.go();
    done++;
  }

  // Until the lines of all rounds so far are there.
  void await_lines() {
    Totals sum;
    trace.await_event([&sum, this](const Event& event) {
      if (event.kind() == "io" && event.number("fd") == 30) sum += totals_of(event);
      return sum == rounds(done);
    });
  }

  void await_mkdir() {
    trace.await_event([this](const Event& event) {
      return event.kind() == "mkdir" && event.text("path") == directory.file("round." + std::to_string(done - 1));
    });
  }

  void end_workload() {
    workload.stop();
    workload.finish();
  }

  // All lines of the file are one use, ended once, with what all rounds moved.
  Use only_use(const Report& report) const {
    const Uses told = told_uses(report.of("io", pid));
    REQUIRE(told.contains({pid, 30}));
    REQUIRE(told.at({pid, 30}).size() == 1);
    const Use use = told.at({pid, 30}).front();
    CHECK(use.path == directory.file("stays"));
    CHECK(use.totals == rounds(done));
    CHECK(use.closed);
    return use;
  }
};

std::vector<Event> lines_of_file(const Report& report) {
  std::vector<Event> lines;
  for (const Event& event : report.of("io")) {
    if (event.number("fd") == 30) lines.push_back(event);
  }
  return lines;
}

// Where the workload tells its truth.
bool is_output(const Event& event) { return event.text("path").ends_with(".out"); }

}  // namespace

TEST_CASE("interim io lines add up, and keep their distance") {
  Stay stay({"-e", "io", "--io-interval", "0.2"});
  for (int round = 0; round < 4; round++) {
    stay.go();
    stay.await_lines();
  }
  stay.end_workload();
  const Report report = stay.trace.finish();
  CHECK(report.code == 0);
  // a round may fall into two lines
  const Use use = stay.only_use(report);
  CHECK(use.lines >= 5);
  CHECK(use.lines <= 9);
  const std::vector<Event> lines = lines_of_file(report);
  for (size_t i = 0; i + 1 < lines.size(); i++) CHECK_FALSE(lines[i].flag("closed"));
  // a line may be dated back, by how much depends on the machine: but there are not more than fit in
  CHECK(static_cast<double>(lines.size() - 2) * 0.2 <= report.end->real("duration"));
}

TEST_CASE("--io-interval 0: one io line, at the end") {
  Stay stay({"-e", "io,mkdir", "--io-interval", "0"});
  for (int round = 0; round < 3; round++) {
    stay.go();
    stay.await_mkdir();
  }
  stay.end_workload();
  const Report report = stay.trace.finish();
  CHECK(report.code == 0);
  CHECK(stay.only_use(report).lines == 1);
}

// Seconds that are enough, on this machine as busy as it is, for two rounds from a trace's start on.
std::string enough_for_two_rounds() {
  Stay stay({"-e", "io,mkdir"});
  const auto since = std::chrono::steady_clock::now();
  for (int round = 0; round < 2; round++) {
    stay.go();
    stay.await_mkdir();
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - since;
  stay.end_workload();
  stay.trace.finish();
  return std::to_string(1.5 + 20 * took.count());
}

TEST_CASE("the trace ends before the descriptor") {
  std::vector<std::string> options{"-e", "io,mkdir"};
  const char* reason = "interrupted";
  bool interim = false;
  SUBCASE("by SIGINT, with nothing told yet") { options.insert(options.end(), {"--io-interval", "0"}); }
  SUBCASE("by SIGINT, with all told but the end") {
    options.insert(options.end(), {"--io-interval", "0.05"});
    interim = true;
  }
  SUBCASE("by its duration") {
    options.insert(options.end(), {"--io-interval", "0", "--duration", enough_for_two_rounds()});
    reason = "duration";
  }
  Stay stay(options);
  for (int round = 0; round < 2; round++) {
    stay.go();
    stay.await_mkdir();
  }
  if (interim) stay.await_lines();
  if (std::string(reason) == "interrupted") stay.trace.interrupt();
  const Report report = stay.trace.finish();
  CHECK(report.code == 0);
  CHECK(report.end->text("reason") == reason);
  const Use use = stay.only_use(report);
  if (interim) CHECK(totals_of(lines_of_file(report).back()) == Totals{});
  else CHECK(use.lines == 1);
  stay.end_workload();
}

TEST_CASE("--count ends the trace with its last event: no io lines after that") {
  Stay stay({"-e", "io,mkdir", "--io-interval", "0", "--count", "2"});
  for (int round = 0; round < 3; round++) stay.go();
  const Report report = stay.trace.finish();
  CHECK(report.code == 0);
  CHECK(report.end->text("reason") == "count");
  CHECK(report.of("mkdir").size() == 2);
  CHECK(report.of("io").empty());
  stay.end_workload();
}

TEST_CASE("interim io lines after an exec speak for the new program") {
  Stay stay({"-e", "io,exec", "--io-interval", "0.05"}, {"executes"});
  for (int round = 0; round < 4; round++) {
    stay.go();
    stay.await_lines();
  }
  stay.end_workload();
  const Report report = stay.trace.finish();
  CHECK(report.code == 0);
  CHECK(stay.only_use(report).lines >= 5);
  const long long executed = report.only("exec", stay.pid).realtime();
  int after = 0;
  for (const Event& line : lines_of_file(report)) {
    INFO(line.line());
    after += line.realtime() > executed;
    CHECK(line.text("comm") == std::string(line.realtime() > executed ? "another" : "io_stays"));
  }
  CHECK(after >= 3);
}

// What is older than the line may still be waiting in the ring buffer when the line is made.
TEST_CASE("interim io lines do not overtake the events of their thread") {
  const int kEach = scaled(25000, 1000);
  const TempDir directory;
  Workload backlog(directory, "io_backlog", {"4", std::to_string(kEach)});
  const std::string pid = backlog.await_ready().text("pid");
  Trace trace(directory, {"-e", "io,chmod", "--io-interval", "0.01", "--buffer", "64M", "--pid", pid});
  trace.await_start();
  const auto done = [&] { return backlog.so_far().of("done").size() == 4; };
  REQUIRE(kill(trace.pid(), SIGSTOP) == 0);
  backlog.go();
  const bool all_done = wait_until(done);
  REQUIRE(kill(trace.pid(), SIGCONT) == 0);
  REQUIRE(all_done);
  trace.await_event([](const Event& event) { return event.kind() == "io" && event.number("writes") > 0; });
  backlog.stop();
  backlog.finish();
  const Report report = trace.finish();
  CHECK(report.code == 0);
  CHECK(report.of("chmod").size() == 4UL * kEach);
  long long writes = 0;
  for (const Event& event : report.of("io")) writes += is_output(event) ? 0 : event.number("writes");
  CHECK(writes == 4 * kEach);
}

// Between the moment that ends the trace and the last hook's detachment descriptors go on being closed.
TEST_CASE("what is closed while the trace is ending has its io line") {
  for (int round = 0; round < scaled(6, 2); round++) {
    const TempDir directory;
    Workload churn(directory, "io_churn");
    const std::string pid = churn.await_ready().text("pid");
    Trace trace(directory, {"-e", "io,open", "--io-interval", "0", "--buffer", "64M", "--pid", pid});
    trace.await_start();
    churn.go();
    std::set<long long> times;
    trace.await_event([&](const Event& event) {
      if (event.kind() == "open") times.insert(event.realtime());
      return times.size() > 300;
    });
    trace.interrupt();
    const Report report = trace.finish();
    churn.stop();
    churn.finish();
    CHECK(report.code == 0);
    CHECK(report.end->text("reason") == "interrupted");
    // those opened after the end are other files than those closed after it
    std::map<std::string, int> without_line;
    const std::vector<Event> opens = report.of("open");
    REQUIRE(opens.size() > 200);
    for (const Event& event : opens) without_line[event.text("path")]++;
    for (const Event& event : report.of("io")) without_line[event.text("path")]--;
    // the last one may have been written to after the end
    without_line.erase(opens.back().text("path"));
    int missing = 0;
    for (const auto& [path, count] : without_line) missing += count > 0;
    CHECK_MESSAGE(missing == 0, missing << " of " << opens.size() << " descriptors have no io line");
  }
}

}  // namespace aa::test
