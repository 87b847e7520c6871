// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Whole lines of events, but what is the same in all of them.
#pragma once

#include <functional>
#include <string>

#include "event/event.hpp"

namespace aa::test {

Event some_event(aa_kind kind);

// The text line of some_event() with `rest` behind its head.
std::string text(const std::string& name, const std::string& rest);
// Its JSON line behind the time of day, which is no constant.
std::string json(const std::string& name, const std::string& rest);
// Checks the beginning of a JSON line and returns what follows the time of day.
std::string json_rest(const Event& event);

// A file event on /d/f, and what its lines have behind what every line has.
struct FileLine {
  aa_kind kind;
  std::function<void(Event&)> fill;
  std::string text, json;
};
Event event_of(const FileLine& line);
void check_line(const FileLine& line);

}  // namespace aa::test
