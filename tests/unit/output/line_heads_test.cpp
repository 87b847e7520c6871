// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What a sink keeps from line to line must not show.
#include "output/line_heads.hpp"

#include <doctest/doctest.h>

#include <random>

#include "output/sink.hpp"
#include "unit/output/golden.hpp"
#include "unit/output/lines.hpp"

namespace aa::test {
namespace {

// Each differs from the first in one thing that stands in the head, some in the thread's place among the heads too.
std::vector<Event> different_heads() {
  const Event first = some_event(AA_UNLINK);
  std::vector<Event> events(13, first);
  events[1].pid++;
  events[2].tid++;
  events[3].ppid++;
  events[4].uid++;
  events[5].gid++;
  events[6].comm = "bas";
  events[7].comm = "bash\xff";
  events[8].exe = Text::of("/usr/bin/bash2");
  events[9].exe = Text::unreadable();
  events[10].exe = Text::of("");
  events[11].tid += 64;
  events[12] = Event{.kind = AA_UNLINK};
  return events;
}

TEST_CASE("heads: each line is that of a new sink") {
  const std::vector<Event> events = different_heads();
  TraceClock clock(kBegan);
  const auto text_sink = make_text_sink(clock, false), json_sink = make_json_sink(clock);
  std::mt19937 random(20'261'120);
  for (int i = 0; i < 2000; i++) {
    const Event& event = events[random() % events.size()];
    std::string line, object;
    text_sink->event(line, event);
    CHECK(line == text_line(event));
    json_sink->event(object, event);
    const auto rest = [](const std::string& whole) { return whole.substr(whole.find("\"elapsed\"")); };
    CHECK(rest(object) == rest(json_line(event)));
  }
}

TEST_CASE("heads: made once while nothing changes, and again for whoever changed") {
  LineHeads heads;
  int made = 0;
  const auto lines_of = [&](const Event& event) {
    std::string out = "before ";
    heads.append(out, event, [&] { out += "head" + std::to_string(made++); });
    return out;
  };
  const std::vector<Event> events = different_heads();
  CHECK(lines_of(events[0]) == "before head0");
  CHECK(lines_of(events[0]) == "before head0");
  CHECK(lines_of(events[2]) == "before head1");
  CHECK(lines_of(events[0]) == "before head0");
  CHECK(lines_of(events[11]) == "before head2");
  CHECK(lines_of(events[0]) == "before head3");
  for (std::size_t i = 1; i < events.size(); i++) {
    CAPTURE(i);
    const int before = made;
    lines_of(events[0]);
    lines_of(events[i]);
    lines_of(events[i]);
    CHECK(made > before);
  }
}

}  // namespace
}  // namespace aa::test
