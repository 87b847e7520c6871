// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/trace.hpp"

#include <doctest/doctest.h>

#include <sys/wait.h>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <sstream>

namespace aa::test {

std::string aa_trace_path() {
  const char* given = std::getenv("AA_TRACE");
  const std::filesystem::path path = given && *given ? given : "build/aa-trace";
  REQUIRE_MESSAGE(std::filesystem::exists(path), "no aa-trace at " << path.string());
  return std::filesystem::canonical(path).string();
}

std::vector<std::string> aa_trace_command() {
  std::vector<std::string> command{aa_trace_path()};
  const char* options = std::getenv("AA_TRACE_OPTIONS");
  std::istringstream words(options ? options : "");
  for (std::string word; words >> word;) command.push_back(word);
  return command;
}

namespace {

std::string new_output(const TempDir& directory) {
  static int number = 0;
  return directory.file("events." + std::to_string(++number));
}

std::vector<std::string> command_line(const std::string& output, const std::vector<std::string>& arguments,
                                      Trace::Format format, const std::vector<std::string>& program) {
  std::vector<std::string> command = program.empty() ? aa_trace_command() : program;
  command.insert(command.end(), {"-o", output});
  if (format == Trace::Format::kJson) command.push_back("--json");
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

bool is_about_a_process(const Event& event) {
  const std::string kind = event.kind();
  return kind != "start" && kind != "end" && kind != "lost";
}

void check_common_keys(const Event& event) {
  INFO(event.line());
  CHECK(event.number("v") == 2);
  CHECK(event.real("elapsed") >= 0);
  if (!is_about_a_process(event)) return;
  for (const char* key : {"pid", "tid", "ppid", "uid", "gid"}) CHECK(event.number(key) >= 0);
  CHECK(event.has("comm"));
  CHECK(event.text("proc").starts_with(std::to_string(event.pid()) + "-"));
  // Kernel threads, the children of 2, run no file.
  const bool exe_is_told = event.has("exe") || event.unreadable("exe") || event.number("ppid") == 2;
  CHECK_MESSAGE(exe_is_told, "exe is neither there nor unreadable");
}

// `elapsed` has microseconds, so it may differ from `time` by one.
void check_clocks_agree(const Event& start, const Event& event) {
  const double by_time = static_cast<double>(event.realtime() - start.realtime()) / 1e9;
  const double by_elapsed = event.real("elapsed") - start.real("elapsed");
  CHECK_MESSAGE(std::abs(by_time - by_elapsed) < 5e-6, "time and elapsed differ: " << event.line());
}

void check_order_of_threads(const std::vector<Event>& events) {
  std::map<long long, long long> latest;
  for (const Event& event : events) {
    if (!is_about_a_process(event)) continue;
    long long& before = latest[event.tid()];
    const long long now = event.realtime();
    if (now < before) FAIL_CHECK("an event before the last one of its thread: " << event.line());
    before = now;
  }
}

long long count_of_processes(const std::vector<Event>& events) {
  long long count = 0;
  for (const Event& event : events) count += is_about_a_process(event);
  return count;
}

void take_frame(Report& report, std::vector<Event> events) {
  REQUIRE_MESSAGE(events.size() >= 2, "no start and end: " << report.errors);
  CHECK(events.front().kind() == "start");
  CHECK(events.back().kind() == "end");
  report.start = events.front();
  report.end = events.back();
  report.events.assign(events.begin() + 1, events.end() - 1);
}

void check_stream(const Report& report) {
  for (const Event& event : report.events) {
    check_common_keys(event);
    check_clocks_agree(*report.start, event);
  }
  check_order_of_threads(report.events);
  CHECK(report.end->number("count") == count_of_processes(report.events));
  CHECK(report.end->number("lost") == report.lost());
}

}  // namespace

std::vector<Event> Report::of(const std::string& kind) const {
  std::vector<Event> chosen;
  for (const Event& event : events) {
    if (event.kind() == kind) chosen.push_back(event);
  }
  return chosen;
}

std::vector<Event> Report::of(const std::string& kind, long long pid) const {
  std::vector<Event> chosen;
  for (const Event& event : of(kind)) {
    if (event.has("pid") && event.pid() == pid) chosen.push_back(event);
  }
  return chosen;
}

Event Report::only(const std::string& kind, long long pid) const {
  const std::vector<Event> chosen = of(kind, pid);
  REQUIRE_MESSAGE(chosen.size() == 1, chosen.size() << " events " << kind << " of " << pid << ", expected one");
  return chosen.front();
}

long long Report::lost() const {
  long long count = 0;
  for (const Event& event : of("lost")) count += event.number("count");
  return count;
}

bool Report::is_supported() const {
  const std::vector<Fact> reasons = truth.of("unsupported");
  if (!reasons.empty()) MESSAGE("skipped: " << reasons.front().text("why"));
  return reasons.empty();
}

Trace::Trace(const TempDir& directory, const std::vector<std::string>& arguments, Format format,
             const std::vector<std::string>& program)
    : format_(format),
      output_(new_output(directory)),
      child_(command_line(output_, arguments, format, program), directory.path(),
             std::filesystem::path(output_).filename().string()) {}

bool Trace::read_event() {
  if (!lines_.is_open()) {
    lines_.open(output_, std::ios::binary);
    lines_.seekg(read_);
  }
  std::string line;
  // The last line may still be being written.
  if (!std::getline(lines_, line) || lines_.eof()) {
    lines_.close();
    return false;
  }
  read_ = lines_.tellg();
  events_.emplace_back(line);
  return true;
}

Event Trace::await_start() {
  const bool started =
      wait_until([&] { return read_event() || child_.wait(std::chrono::milliseconds(0)).has_value(); });
  REQUIRE_MESSAGE((started && !events_.empty()), "aa-trace did not start: " << child_.err());
  CHECK(events_.front().kind() == "start");
  return events_.front();
}

void Trace::await_event(const std::function<bool(const Event&)>& wanted) {
  size_t next = 0;
  const bool came = wait_until([&] {
    while (next < events_.size() || read_event()) {
      if (wanted(events_[next++])) return true;
    }
    return false;
  });
  REQUIRE_MESSAGE(came, "the event never came: " << child_.err());
}

void Trace::interrupt() const { child_.signal(SIGINT); }

Report Trace::finish() {
  Report report;
  std::optional<int> status = child_.wait();
  if (!status) {
    // Asked to end, it still says what it saw, and the rest of the test can tell what is wrong.
    FAIL_CHECK("aa-trace does not end by itself: " << child_.err());
    interrupt();
    status = child_.wait();
  }
  report.errors = child_.err();
  REQUIRE_MESSAGE(status.has_value(), "aa-trace does not even end by SIGINT: " << report.errors);
  REQUIRE_MESSAGE(WIFEXITED(*status), "aa-trace was killed: status " << *status << " " << report.errors);
  report.code = WEXITSTATUS(*status);
  report.truth = Truth(child_.out());
  report.text = read_file(output_);
  if (format_ == Format::kJson) {
    while (read_event()) {
    }
    take_frame(report, std::move(events_));
    check_stream(report);
  }
  return report;
}

Report trace_command(const TempDir& directory, const std::vector<std::string>& options, const std::string& workload,
                     const std::vector<std::string>& arguments, Trace::Format format) {
  std::vector<std::string> all = options;
  all.insert(all.end(), {"--as-root", "--", workload_path(workload)});
  all.insert(all.end(), arguments.begin(), arguments.end());
  return Trace(directory, all, format).finish();
}

Report trace_attached(const TempDir& directory, const std::vector<std::string>& options, const std::string& workload,
                      const std::vector<std::string>& arguments) {
  Workload target(directory, workload, arguments);
  std::vector<std::string> all = options;
  all.insert(all.end(), {"--pid", std::to_string(target.await_ready().number("pid"))});
  Trace trace(directory, all);
  trace.await_start();
  target.go();
  const Truth truth = target.finish();
  Report report = trace.finish();
  report.truth = truth;
  return report;
}

}  // namespace aa::test
