// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The two clocks of the output: seconds since the trace began, and the time of day. The kernel stamps events with
// CLOCK_BOOTTIME.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace aa {

// The clocks of the kernel, ns.
class Clocks {
 public:
  // `boot_offset`: what aa-trace's own CLOCK_BOOTTIME is ahead of the kernel's, ns (time_namespace.hpp).
  explicit Clocks(std::int64_t boot_offset = 0) : boot_offset_(boot_offset) {}
  virtual ~Clocks() = default;

  // CLOCK_BOOTTIME, as the BPF programs read it.
  virtual std::int64_t boot() const;
  virtual std::int64_t realtime() const;

 private:
  std::int64_t boot_offset_;
};

class TraceClock {
 public:
  // `began`: CLOCK_BOOTTIME, ns.
  explicit TraceClock(std::uint64_t began, std::shared_ptr<const Clocks> clocks = std::make_shared<Clocks>());

  // Follows steps of the time of day, once a second: call it often.
  void follow();

  // CLOCK_BOOTTIME, ns.
  std::uint64_t now() const { return static_cast<std::uint64_t>(clocks_->boot()); }
  std::uint64_t began() const { return began_; }
  // ns since the trace began; 0 for anything before.
  std::uint64_t elapsed(std::uint64_t time) const { return time > began_ ? time - began_ : 0; }
  // "2026-11-20T10:36:29.123456789Z" (RFC 3339).
  void append_time_of_day(std::string& out, std::uint64_t time);
  // "10:36:29.123456", of the time zone that the environment names (tzset(3)).
  void append_local_time(std::string& out, std::uint64_t time) const;

 private:
  void resync();

  std::shared_ptr<const Clocks> clocks_;
  std::uint64_t began_;
  std::int64_t realtime_offset_ = 0;  // CLOCK_REALTIME minus CLOCK_BOOTTIME, ns
  std::uint64_t next_sync_ = 0;       // CLOCK_BOOTTIME, ns
  std::int64_t cached_second_ = -1;
  std::string cached_text_;  // of cached_second_, without what is behind the point
};

}  // namespace aa
