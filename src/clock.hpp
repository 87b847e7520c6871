// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The two clocks of the output: seconds since the trace began, and the time of day. The kernel stamps events with
// CLOCK_BOOTTIME.
#pragma once

#include <cstdint>
#include <string>

namespace aa {

// CLOCK_BOOTTIME, ns.
std::uint64_t boot_now();

class TraceClock {
 public:
  // `began`: CLOCK_BOOTTIME, ns.
  explicit TraceClock(std::uint64_t began) : began_(began) { resync(); }

  // Follows steps of the time of day; call it now and then.
  void resync();

  std::uint64_t began() const { return began_; }
  // ns since the trace began; 0 for anything before.
  std::uint64_t elapsed(std::uint64_t time) const { return time > began_ ? time - began_ : 0; }
  // "2026-11-20T10:36:29.123456789Z" (RFC 3339).
  void append_time_of_day(std::string& out, std::uint64_t time);

 private:
  std::uint64_t began_;
  std::int64_t realtime_offset_ = 0;  // CLOCK_REALTIME minus CLOCK_BOOTTIME, ns
  std::int64_t cached_second_ = -1;
  std::string cached_text_;  // of cached_second_, without what is behind the point
};

}  // namespace aa
