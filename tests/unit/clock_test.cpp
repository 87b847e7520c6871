// SPDX-License-Identifier: MIT OR Apache-2.0
#include "clock.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "time_namespace.hpp"

namespace aa::test {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

struct SetClocks : Clocks {
  std::int64_t boot() const override { return boot_now; }
  std::int64_t realtime() const override { return boot_now + ahead; }

  std::int64_t boot_now = 5000 * kSecond;
  std::int64_t ahead = 1000 * kSecond;
};

std::string time_of_day(TraceClock& clock) {
  std::string text;
  clock.append_time_of_day(text, clock.now());
  return text;
}

}  // namespace

TEST_CASE("clock: a step of the time of day is followed within a second, however often it is looked at") {
  const auto clocks = std::make_shared<SetClocks>();
  TraceClock clock(static_cast<std::uint64_t>(clocks->boot()), clocks);
  CHECK(time_of_day(clock) == "1970-01-01T01:40:00.000000000Z");
  clocks->ahead += 3600 * kSecond;
  for (int look = 0; look < 1000; look++) {
    clocks->boot_now += kSecond / 1000;
    clock.follow();
  }
  CHECK(time_of_day(clock) == "1970-01-01T02:40:01.000000000Z");
}

TEST_CASE("clock: between two looks that are a second apart the times keep their order") {
  const auto clocks = std::make_shared<SetClocks>();
  TraceClock clock(static_cast<std::uint64_t>(clocks->boot()), clocks);
  clocks->ahead -= 3600 * kSecond;
  clocks->boot_now += kSecond / 2;
  clock.follow();
  CHECK(time_of_day(clock) == "1970-01-01T01:40:00.500000000Z");
}

TEST_CASE("time namespace: the offset of its CLOCK_BOOTTIME") {
  CHECK(boot_offset_in("monotonic           0         0\nboottime       100000         5\n") == 100000 * kSecond + 5);
  CHECK(boot_offset_in("monotonic           7         0\nboottime          -50 999999999\n") == -49 * kSecond - 1);
  CHECK(boot_offset_in("monotonic           7         0\n") == std::nullopt);
  CHECK(boot_offset_in("") == std::nullopt);
}

}  // namespace aa::test
