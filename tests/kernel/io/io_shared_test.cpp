// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Descriptors that several threads and processes use: the io lines are right for each process and file.
#include "kernel/io/io_lines.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace aa::test {

namespace {

// The io lines of the workload's files, and what it says of them.
struct Shared {
  TempDir directory;
  Report report;
  Uses told;
  PathTotals truth;

  Shared(const std::string& workload, const std::string& which, const std::vector<std::string>& options) {
    std::vector<std::string> all{"-e", "io"};
    all.insert(all.end(), options.begin(), options.end());
    report = trace_command(directory, all, workload, {which});
    REQUIRE_MESSAGE(report.code == 0, report.errors);
    std::vector<Event> lines = report.of("io");
    std::erase_if(lines, [](const Event& line) { return line.number("fd") <= 1; });
    told = told_uses(lines);
    for (const Fact& total : report.truth.of("total"))
      truth[{total.number("pid"), total.text("path")}] = totals_of(total);
  }

  // How many uses of a file there were, in a process.
  size_t uses(const std::string& name, long long pid) const {
    size_t count = 0;
    for (const auto& [key, generations] : told) {
      for (const Use& use : generations) count += key.first == pid && use.path == directory.file(name);
    }
    return count;
  }
};

}  // namespace

TEST_CASE("descriptors shared by threads and processes") {
  struct Case {
    const char* which;
    const char* interval;
  };
  constexpr Case kCases[] = {
      {"eight_threads", "0"}, {"eight_threads", "0.005"}, {"passed", "0"},
      {"vforked", "0.005"},   {"shared_table", "0.005"},  {"own_table_of_a_thread", "0"},
  };
  for (const Case& one : kCases) {
    INFO(std::string(one.which) << ", interval " << one.interval);
    const Shared shared("io_shared", one.which, {"--io-interval", one.interval});
    CHECK_FALSE(shared.truth.empty());
    check_totals(by_path(shared.told), shared.truth);
    check_all_closed(shared.told);
  }
}

TEST_CASE("a number that another process with the same table closed ends when it is used again, or with its process") {
  const Shared shared("io_shared", "shared_table", {"--io-interval", "0"});
  const long long pid = shared.truth.begin()->first.first;
  const std::vector<Use>& uses = shared.told.at({pid, 20});
  REQUIRE(uses.size() == 2);
  CHECK(uses[0] == Use{shared.directory.file("one"), {0, 0, 1, 7}});
  CHECK(uses[1] == Use{shared.directory.file("three"), {0, 0, 4, 28}});
  CHECK(shared.uses("two", pid) == 1);
}

TEST_CASE("vfork: the child's descriptors are its own") {
  const Shared shared("io_shared", "vforked", {"--io-interval", "0"});
  REQUIRE(shared.truth.size() == 3);
  for (const auto& [key, totals] : shared.truth) CHECK(shared.told.at({key.first, 20}).size() >= 1);
  const long long parent = shared.truth.begin()->first.first;
  CHECK(shared.uses("one", parent) == 1);
  CHECK(shared.told.size() == 2);
}

TEST_CASE("a descriptor that is closed while another thread writes to it") {
  const Shared shared("io_closed_under", "writer", {"--io-interval", "0"});
  Totals told;
  for (const auto& [key, generations] : shared.told) {
    for (const Use& use : generations) {
      told += use.totals;
      CHECK((use.path.empty() || use.path == shared.directory.file("one")));
    }
  }
  REQUIRE(shared.truth.size() == 1);
  CHECK(shared.truth.begin()->second.writes > 1000);
  CHECK(told == shared.truth.begin()->second);
}

TEST_CASE("a pipe that is closed while a thread waits for data from it") {
  const Shared shared("io_closed_under", "reader", {"--fd-types", "pipe"});
  CHECK(shared.report.truth.only("blocked").number("bytes") == 7);
  Totals told;
  for (const auto& [key, generations] : shared.told) {
    for (const Use& use : generations) told += use.totals;
  }
  CHECK(told == Totals{1, 7, 1, 7});
}

// Nothing tells any more what the descriptor was open on: neither is a path made up.
TEST_CASE("a pipe that is closed while a thread waits for data from it, where only files count") {
  const Shared shared("io_closed_under", "reader", {});
  CHECK(shared.report.truth.only("blocked").number("bytes") == 7);
  for (const Event& line : shared.report.of("io")) {
    INFO(line.line());
    const bool is_file = line.has("path") && !line.text("path").starts_with("pipe:");
    CHECK((is_file || line.unreadable("path")));
  }
}

}  // namespace aa::test
