// SPDX-License-Identifier: MIT OR Apache-2.0
//
// An event wakes the reader that sleeps, also one that is just going to sleep.
#include "kernel/trace.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <random>

namespace aa::test {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLongest{100};  // that an event may lie there while its reader sleeps

// A run of aa-trace whose output is only looked at for whether there is any.
class Reader {
 public:
  Reader(const TempDir& directory, int number, pid_t target)
      : output_(directory.file("lines." + std::to_string(number))),
        child_(command(output_, target), directory.path(), "reader." + std::to_string(number)) {}

  pid_t pid() const { return child_.pid(); }
  bool has_line() const {
    std::error_code error;
    const auto size = std::filesystem::file_size(output_, error);
    return !error && size > 0;
  }
  void forget_lines() const { REQUIRE(truncate(output_.c_str(), 0) == 0); }
  void end() {
    child_.signal(SIGINT);
    CHECK(child_.wait() == 0);
    INFO(child_.err());
    CHECK(child_.err().find("none lost") != std::string::npos);
  }

 private:
  static std::vector<std::string> command(const std::string& output, pid_t target) {
    std::vector<std::string> words = aa_trace_command();
    words.insert(words.end(), {"--json", "-e", "exec", "-x", "-o", output, "--pid", std::to_string(target)});
    return words;
  }

  std::string output_;
  Child child_;
};

// The value of a line of /proc/PID/status.
std::string status_of(pid_t pid, const std::string& key) {
  const std::string status = read_file("/proc/" + std::to_string(pid) + "/status");
  const std::string before = "\n" + key + ":\t";
  const size_t at = status.find(before);
  REQUIRE(at != std::string::npos);
  const size_t begin = at + before.size();
  return status.substr(begin, status.find('\n', begin) - begin);
}

// How long a process has been asleep without a break, as far as was looked. Between two looks the machine itself may
// have stood still, and the process with it: no look counts for more than a few milliseconds.
class Sleep {
 public:
  explicit Sleep(pid_t pid) : pid_(pid) {}

  Clock::duration look() {
    const std::string state = status_of(pid_, "State"), switches = status_of(pid_, "voluntary_ctxt_switches") + " " +
                                                                   status_of(pid_, "nonvoluntary_ctxt_switches");
    const auto now = Clock::now();
    if (!state.starts_with("S") || switches != switches_) asleep_ = {};
    else asleep_ += std::min<Clock::duration>(now - looked_, std::chrono::milliseconds(5));
    switches_ = switches;
    looked_ = now;
    return asleep_;
  }

 private:
  pid_t pid_;
  std::string switches_;
  Clock::time_point looked_ = Clock::now();
  Clock::duration asleep_{};
};

// False: it slept while there was something for it.
bool is_woken(const Reader& reader, const std::function<bool()>& is_made) {
  REQUIRE(wait_until(is_made));
  Sleep sleep(reader.pid());
  bool overslept = false;
  REQUIRE(wait_until([&] {
    const bool too_long = sleep.look() > kLongest;
    const bool came = reader.has_line();
    overslept = overslept || (too_long && !came);
    return came;
  }));
  return !overslept;
}

}  // namespace

TEST_CASE("10,000 single events: none waits for the next one") {
  constexpr int kReaders = 8;
  const int count = scaled(10000, 200) / kReaders;
  const TempDir directory;
  Workload workload(directory, "single_events");
  workload.await_ready();
  std::vector<std::unique_ptr<Reader>> readers;
  for (int i = 0; i < kReaders; i++) readers.push_back(std::make_unique<Reader>(directory, i, workload.pid()));
  for (const auto& reader : readers) REQUIRE(wait_until([&reader] { return reader->has_line(); }));
  // a reader naps for 10 ms after an event: the next one comes about when it turns to sleep
  std::mt19937 random(1);
  std::uniform_int_distribution<int> microseconds(8000, 12000);
  int overslept = 0;
  for (int event = 1; event <= count; event++) {
    for (const auto& reader : readers) reader->forget_lines();
    workload.go_after(microseconds(random));
    const auto is_made = [&] {
      return std::filesystem::file_size(directory.file("made")) >= static_cast<std::uintmax_t>(event);
    };
    for (const auto& reader : readers) overslept += !is_woken(*reader, is_made);
  }
  CHECK(overslept == 0);
  for (const auto& reader : readers) reader->end();
  workload.stop();
  workload.finish();
}

// One for each event would cost more than all else.
TEST_CASE("events that follow each other wake the reader now and then") {
  const int count = scaled(50000, 2000);
  const TempDir directory;
  Workload backlog(directory, "io_backlog", {"1", std::to_string(count)});
  const std::string pid = backlog.await_ready().text("pid");
  Trace trace(directory, {"-e", "chmod", "--pid", pid});
  trace.await_start();
  const long long before = std::stoll(status_of(trace.pid(), "voluntary_ctxt_switches"));
  backlog.go();
  int told = 0;
  trace.await_event([&told, count](const Event& event) { return event.kind() == "chmod" && ++told == count; });
  const long long sleeps = std::stoll(status_of(trace.pid(), "voluntary_ctxt_switches")) - before;
  CHECK_MESSAGE(sleeps < count / 10, sleeps << " sleeps for " << count << " events");
  backlog.stop();
  backlog.finish();
  const Report report = trace.finish();
  CHECK(report.code == 0);
}

}  // namespace aa::test
