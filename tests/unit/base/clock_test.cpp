// SPDX-License-Identifier: MIT OR Apache-2.0
#include "base/clock.hpp"

#include <doctest/doctest.h>

#include <ctime>
#include <memory>
#include <regex>
#include <string>

#include "base/numbers.hpp"
#include "kernel/time_namespace.hpp"

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

TEST_CASE("clock: seconds since the trace began") {
  const TraceClock clock(1000);
  CHECK(clock.elapsed(1000) == 0);
  CHECK(clock.elapsed(999) == 0);
  CHECK(clock.elapsed(1001) == 1);
  const auto seconds = [](std::uint64_t ns, unsigned digits) {
    std::string out = "x";
    append_seconds(out, ns, digits);
    return out.substr(1);
  };
  CHECK(seconds(0, 6) == "0.000000");
  CHECK(seconds(1'520'999, 6) == "0.001520");
  CHECK(seconds(1'999'999'999, 9) == "1.999999999");
  CHECK(seconds(123'456'789'012'345'678, 6) == "123456789.012345");
}

TEST_CASE("clock: time of day is RFC 3339 in UTC and agrees with the system's") {
  TraceClock clock(static_cast<std::uint64_t>(Clocks().boot()));
  const std::regex form(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z)");
  std::string text;
  const std::time_t before = std::time(nullptr);
  clock.append_time_of_day(text, clock.now());
  CHECK(std::regex_match(text, form));
  std::tm parsed{};
  REQUIRE(strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parsed) != nullptr);
  const std::time_t shown = timegm(&parsed);
  CHECK(shown >= before - 1);
  CHECK(shown <= std::time(nullptr) + 1);
}

TEST_CASE("clock: times in the order of the events, also across a second") {
  TraceClock clock(static_cast<std::uint64_t>(Clocks().boot()));
  std::string last;
  for (std::uint64_t time = clock.began(); time < clock.began() + 3'000'000'000; time += 99'999'999) {
    std::string text;
    clock.append_time_of_day(text, time);
    CHECK(text > last);
    last = text;
  }
  std::string earlier;
  clock.append_time_of_day(earlier, clock.began());
  CHECK(earlier < last);
}

}  // namespace aa::test
