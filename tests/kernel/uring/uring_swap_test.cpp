// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Opens whose file is replaced at once: the path is that of what was opened, or said to be in doubt.
#include "kernel/uring/uring.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace aa::test {

namespace {

struct Swap {
  std::string name;
  int rounds;
  bool certain;  // nobody else can change the table meanwhile
};

// The true path, or a sign that it may be another.
bool is_honest(const Event& event, const Fact& opened) {
  return event.flag("doubtful") || event.flag("lexical") || event.text("path") == opened.text("path");
}

// Those where the kernel ran the batch one request after the other have their path. Returns how many.
int check_opens(const Report& report, bool certain) {
  std::vector<Fact> opened = report.truth.of("opened");
  std::vector<Event> events = uring_events(report);
  std::erase_if(events, [](const Event& event) { return event.kind() != "open" || event.has("error"); });
  REQUIRE(events.size() == opened.size());
  // one that the kernel put off comes after those behind it
  const auto name_of = [](const auto& line) { return line.text("name"); };
  std::ranges::stable_sort(opened, {}, name_of);
  std::ranges::stable_sort(events, {}, name_of);
  int exact = 0;
  for (size_t i = 0; i < events.size(); i++) {
    INFO(events[i].line());
    INFO(opened[i].line());
    CHECK(is_honest(events[i], opened[i]));
    if (!opened[i].has("exact")) continue;
    exact++;
    CHECK(events[i].text("path") == opened[i].text("path"));
    CHECK_FALSE(events[i].flag("lexical"));
    if (certain) CHECK_FALSE(events[i].flag("doubtful"));
  }
  return exact;
}

}  // namespace

TEST_CASE("io_uring swap: an open tells what it opened, whatever the requests after it put in its place") {
  const Swap swaps[] = {{"slot", scaled(500, 50), true},
                        {"slot_reopened", scaled(500, 50), true},
                        {"number", scaled(500, 50), false},
                        {"number_padded", scaled(20, 3), false}};
  for (const Swap& swap : swaps) {
    CAPTURE(swap.name);
    const TempDir directory;
    const Report report =
        trace_command(directory, {"-e", "open"}, "uring_swap", {swap.name, std::to_string(swap.rounds)});
    REQUIRE(report.code == 0);
    CHECK(check_opens(report, swap.certain) > swap.rounds / 2);
  }
}

TEST_CASE("io_uring swap: what another thread can replace is in doubt") {
  for (const std::string name : {"slot_race", "number_race"}) {
    CAPTURE(name);
    const TempDir directory;
    const Report report =
        trace_command(directory, {"-e", "open"}, "uring_swap", {name, std::to_string(scaled(5000, 300))});
    REQUIRE(report.code == 0);
    check_opens(report, false);
  }
}

}  // namespace aa::test
