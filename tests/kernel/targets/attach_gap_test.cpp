// SPDX-License-Identifier: MIT OR Apache-2.0
//
// No gap at attach: from the `start` line on, every exec that the storm itself logged later is told.
#include "kernel/expect.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <map>
#include <random>
#include <set>

namespace aa::test {

namespace {

const int kRounds = scaled(20, 2);

struct Logged {
  std::string id;
  long long realtime;
};

std::vector<Logged> read_log(const std::string& path) {
  std::vector<Logged> logged;
  const Truth log(read_file(path));
  for (const Fact& exec : log.of("exec")) logged.push_back({exec.text("id"), exec.number("realtime")});
  return logged;
}

// By its size: reading it over and over would take the processor from the storm.
void await_more_execs(const std::string& path, size_t count) {
  constexpr size_t kLine = 50;
  const size_t enough = std::filesystem::file_size(path) + count * kLine;
  REQUIRE_MESSAGE(wait_until([&] { return std::filesystem::file_size(path) >= enough; }), "the storm has died down");
}

std::map<std::string, int> told_ids(const Report& report) {
  std::map<std::string, int> ids;
  for (const Event& exec : report.of("exec")) {
    const std::vector<std::string> argv = exec.texts("argv");
    REQUIRE(argv.size() == 7);
    ids[argv[4]]++;
  }
  return ids;
}

// r12.2.3 is below r12.2, below r12.
std::string first_level(const std::string& id) { return id.substr(0, id.find('.')); }

// Which execs must have been told. Orphans of init whose parents had ended before anybody looked are
// beyond finding, so of those only the chains that began after the start.
std::set<std::string> required(const std::vector<Logged>& log, long long start, bool whole_chain) {
  std::map<std::string, long long> times;
  std::set<std::string> ids;
  for (const Logged& exec : log) times[exec.id] = exec.realtime;
  for (const Logged& exec : log) {
    if (exec.realtime > start && (!whole_chain || times[first_level(exec.id)] > start)) ids.insert(exec.id);
  }
  return ids;
}

void check_round(const Report& report, const std::vector<Logged>& log, bool whole_chain) {
  const std::map<std::string, int> told = told_ids(report);
  const std::set<std::string> must = required(log, report.start->realtime(), whole_chain);
  std::set<std::string> logged;
  std::string missing;
  for (const Logged& exec : log) logged.insert(exec.id);
  for (const std::string& id : must) {
    if (!told.contains(id)) missing += " " + id;
  }
  CHECK_MESSAGE(missing.empty(), "missing of " << must.size() << ":" << missing);
  CHECK(must.size() >= 30);
  for (const auto& [id, times] : told) {
    CHECK_MESSAGE(times == 1, id << " was told " << times << " times");
    CHECK_MESSAGE(logged.contains(id), id << " never happened");
  }
}

void attach_into_storm(const std::string& variant, size_t execs_before, bool whole_chain) {
  const TempDir directory;
  const std::string log = directory.file("log");
  Workload storm(directory, "attach_storm", {variant, log});
  const std::string pid = storm.await_ready().text("pid");
  await_more_execs(log, execs_before);
  Trace trace(directory, {"-e", "exec", "--pid", pid});
  trace.await_start();
  await_more_execs(log, 120);
  storm.stop();
  storm.finish();
  const Report report = trace.finish();
  CHECK_MESSAGE(report.code == 0, report.errors);
  check_round(report, read_log(log), whole_chain);
}

void attach_often(const std::string& variant, int rounds, bool whole_chain) {
  std::mt19937 random(std::random_device{}());
  for (int round = 0; round < rounds; round++) {
    const size_t execs_before = random() % 200;
    INFO(variant << ", round " << round << ", attached after " << execs_before << " execs");
    attach_into_storm(variant, execs_before, whole_chain);
  }
}

}  // namespace

TEST_CASE("attach while parents wait for their children") { attach_often("wait", kRounds, false); }

TEST_CASE("attach while threads come, fork and go") { attach_often("threads", kRounds, false); }

TEST_CASE("attach while parents end first and the root adopts the orphans") { attach_often("adopted", kRounds, false); }

TEST_CASE("attach while parents end first and init adopts the orphans") { attach_often("orphans", scaled(5, 1), true); }

}  // namespace aa::test
