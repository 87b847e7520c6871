// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the format for people is told about the place that it is read in.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace aa {

enum class TimeStyle { kElapsed, kClock, kIso };

struct ShortStyle {
  std::string directory;              // names below it are shown relative to it; "": none
  std::string home;                   // names below it begin with ~/; "": none
  std::function<unsigned()> columns;  // of the terminal now; 0, or none: it is none
  bool color = false;
  TimeStyle time = TimeStyle::kElapsed;
  bool only_changes = false;   // no files that were only opened to be changed
  bool tells_devices = false;  // io lines are also of devices
  bool all_failures = false;   // also those that nearly every program has and expects
};

// `path` as people write it, escaped, and in quotes only where it needs them.
void append_short_path(std::string& out, const ShortStyle& style, std::string_view path);
// An argument, in quotes where a shell would want them.
void append_short_word(std::string& out, std::string_view word);

// The time of a line: "0.001520", "10:36:29.123456", "2026-11-20T10:36:29.123456789Z". `digits` of the first, 3 or 6.
void append_time(std::string& out, TraceClock& clock, TimeStyle style, std::uint64_t time, unsigned digits);

}  // namespace aa
