// SPDX-License-Identifier: MIT OR Apache-2.0
#include "base/clock.hpp"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <limits>
#include <utility>

#include "base/format.hpp"
#include "base/numbers.hpp"

namespace aa {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kJitter = kSecond / 1000;
constexpr int kReadings = 10;
// A machine that has been up for a century: more is not a time that a kernel took.
constexpr std::uint64_t kTimeMax = std::uint64_t{100} * 365 * 24 * 3600 * kSecond;

std::int64_t time_of(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return t.tv_sec * kSecond + t.tv_nsec;
}

}  // namespace

std::int64_t Clocks::boot() const { return time_of(CLOCK_BOOTTIME) - boot_offset_; }
std::int64_t Clocks::realtime() const { return time_of(CLOCK_REALTIME); }

TraceClock::TraceClock(std::uint64_t began, std::shared_ptr<const Clocks> clocks)
    : clocks_(std::move(clocks)), began_(began) {
  resync();
}

void TraceClock::follow() {
  if (now() >= next_sync_) resync();
}

void TraceClock::resync() {
  // where another process ran between the readings they say little: of a few, those that are closest
  std::int64_t offset = 0, uncertain = std::numeric_limits<std::int64_t>::max();
  for (int reading = 0; reading < kReadings && uncertain > kJitter / 10; reading++) {
    const std::int64_t before = clocks_->boot();
    const std::int64_t realtime = clocks_->realtime();
    const std::int64_t after = clocks_->boot();
    if (after - before >= uncertain) continue;
    uncertain = after - before;
    offset = realtime - (before + after) / 2;
  }
  // what differs by less is the jitter of reading: keeping the offset keeps the times in the order of the events
  if (std::abs(offset - realtime_offset_) > kJitter + uncertain) realtime_offset_ = offset;
  next_sync_ = now() + kSecond;
}

void TraceClock::append_time_of_day(std::string& out, std::uint64_t time) {
  const std::int64_t realtime = static_cast<std::int64_t>(std::min(time, kTimeMax)) + realtime_offset_;
  const std::int64_t second = realtime / kSecond;
  if (second != cached_second_) {
    const std::time_t seconds = second;
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    cached_text_ = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                               utc.tm_hour, utc.tm_min, utc.tm_sec);
    cached_second_ = second;
  }
  out += cached_text_;
  append_fraction(out, static_cast<std::uint32_t>(realtime % kSecond), kSecond);
  out.push_back('Z');
}

void TraceClock::append_local_time(std::string& out, std::uint64_t time) const {
  const std::int64_t realtime = static_cast<std::int64_t>(std::min(time, kTimeMax)) + realtime_offset_;
  const std::time_t seconds = realtime / kSecond;
  std::tm local{};
  localtime_r(&seconds, &local);
  out += fmt::format("{:02}:{:02}:{:02}.{:06}", local.tm_hour, local.tm_min, local.tm_sec, realtime % kSecond / 1000);
}

}  // namespace aa
