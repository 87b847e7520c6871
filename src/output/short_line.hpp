// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A line of the format for people: time, pid, indentation, mark, what it was, a size at the right end, notes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "output/short_style.hpp"

namespace aa {

enum class Mark : char {
  kRan = '$',
  kRead = '<',
  kMade = '+',
  kChanged = '~',
  kRenamed = '>',
  kRemoved = '-',
  kAttributes = 'm',
  kFailed = '!',
  kEnded = '=',
  kLost = '?',
  kForked = '&',
  kClosed = '.',
};

struct ShortLine {
  std::uint64_t time = 0;  // CLOCK_BOOTTIME, ns
  std::uint32_t pid = 0;   // 0: of none
  std::uint32_t depth = 0;
  Mark mark = Mark::kRan;
  std::string text;      // escaped
  std::string before{};  // the text: a word and a blank
  std::string after{};   // it, before the size
  std::string size{};
  std::string notes{};  // escaped, perhaps with colours
};

// With the line feed. `columns`: of the terminal, to which the arguments of what was run are cut, less the notes; 0: it
// is none.
void append_line(std::string& out, TraceClock& clock, const ShortStyle& style, unsigned columns, ShortLine line);

}  // namespace aa
