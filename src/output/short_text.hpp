// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The words of the format for people: what one event comes to by itself.
#pragma once

#include <string>

#include "event/event.hpp"
#include "output/short_line.hpp"
#include "output/short_style.hpp"

namespace aa {

// What succeeded and is no open, io, exec or exit.
struct ShortDeed {
  Mark mark = Mark::kChanged;
  std::string text;
  std::string size{};
};
ShortDeed short_deed(const ShortStyle& style, const Event& event);

// The variables of an exec that were asked for, and its arguments, or what it ran where there are none.
std::string short_command(const ShortStyle& style, const Event& event);

// Escaped, and with what is known of it. What could not be read is "(unreadable)".
void append_short_text(std::string& out, const ShortStyle& style, const Text& path);
// " -> " and the second name, of an event that has one.
void append_second(std::string& out, const ShortStyle& style, const Event& event);
// Behind what happened: what is to be known of it, as the program that an exec ran under another name, and the alerts.
void append_short_notes(std::string& out, const ShortStyle& style, const Event& event);

}  // namespace aa
