// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Opens under whose number another thread puts another file before they return.
#include "kernel/hooks.hpp"
#include "kernel/trace.hpp"

#include <doctest/doctest.h>

namespace aa::test {

namespace {

const std::string kFlags = "O_WRONLY|O_CREAT|O_EXCL|O_TRUNC|O_CLOEXEC";

struct Counts {
  int right = 0, doubtful = 0, wrong = 0, swapped = 0;
};

// Each file that was made under the known number against its event.
Counts compare(const std::vector<Event>& events, const std::vector<Fact>& made) {
  Counts counts;
  for (size_t i = 0; i < made.size(); i++) {
    const Event& event = events[i];
    const bool same = event.has("path") && event.text("path") == made[i].text("path") && event.flag("created") &&
                      event.text("flags") == kFlags && !event.has("flags_truncated");
    if (event.has("doubtful")) counts.doubtful++;
    else if (same) counts.right++;
    else if (++counts.wrong <= 3) MESSAGE(event.line() << "\n" << made[i].line());
    // the name is rewritten after the file is replaced
    counts.swapped += event.has("doubtful") || event.has("name");
  }
  return counts;
}

void check_swaps(const std::string& what, bool is_told) {
  CAPTURE(what);
  const TempDir directory;
  const Report report =
      trace_command(directory, {"-e", "open"}, "open_replaced", {std::to_string(scaled(2000, 500)), what});
  REQUIRE_MESSAGE(report.code == 0, report.errors);
  CHECK(report.lost() == 0);
  const Fact raced = report.truth.only("raced");
  const std::vector<Fact> made = report.truth.of("made");
  std::vector<Event> events = report.of("open", raced.number("pid"));
  std::erase_if(events, [&](const Event& event) {
    // the flags of the other one may be told in doubt
    const bool is_made = event.text("flags").ends_with("O_CLOEXEC") || event.has("flags_truncated");
    return event.has("error") || !is_made || event.number("fd") != raced.number("fd");
  });
  REQUIRE(events.size() == made.size());
  const Counts counts = compare(events, made);
  MESSAGE(what << ": " << counts.right << " right, " << counts.doubtful << " doubtful, " << counts.wrong << " wrong; "
               << counts.swapped << " replaced before the call returned");
  if (is_told) CHECK(counts.wrong == 0);
  if (names_are_resolved()) CHECK(counts.doubtful == 0);
  if (raced.number("alone")) return;
  CHECK(counts.swapped > 0);
}

}  // namespace

TEST_CASE("open swap: the path is that of what was opened, or said to be in doubt") {
  for (const char* what : {"harmless", "how"}) check_swaps(what, true);
}

TEST_CASE("open swap: a file that was opened in the same way is not taken for it where the kernel tells") {
  check_swaps("alike", names_are_resolved());
}

}  // namespace aa::test
