// SPDX-License-Identifier: MIT OR Apache-2.0
#include "event/cpu_time.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <limits>

namespace aa::test {
namespace {

constexpr std::uint64_t kMs = 1'000'000;

CpuTime of(aa_exit exit) { return adjusted_time(exit); }

TEST_CASE("cpu time: what ran in all is divided as the ticks say") {
  CHECK(of({.utime = 30 * kMs, .stime = 10 * kMs, .runtime = 44 * kMs}) == CpuTime{33 * kMs, 11 * kMs});
  CHECK(of({.utime = 30 * kMs, .stime = 10 * kMs, .runtime = 4 * kMs}) == CpuTime{3 * kMs, 1 * kMs});
}

TEST_CASE(
    "cpu time: without a tick in the kernel all of it is the program's, without one in the program the kernel's") {
  CHECK(of({.runtime = 7}) == CpuTime{7, 0});
  CHECK(of({.utime = 4 * kMs, .runtime = 7}) == CpuTime{7, 0});
  CHECK(of({.stime = 4 * kMs, .runtime = 7}) == CpuTime{0, 7});
  CHECK(of({}) == CpuTime{0, 0});
}

TEST_CASE("cpu time: neither goes back from what was told before") {
  CHECK(of({.utime = 30, .stime = 10, .runtime = 44, .told_utime = 40, .told_stime = 1}) == CpuTime{40, 4});
  CHECK(of({.utime = 30, .stime = 10, .runtime = 44, .told_utime = 2, .told_stime = 20}) == CpuTime{24, 20});
  CHECK(of({.utime = 30, .stime = 10, .runtime = 44, .told_utime = 40, .told_stime = 30}) == CpuTime{40, 30});
}

TEST_CASE("cpu time: numbers that cannot be are no harm") {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  CHECK(of({.utime = kMost, .stime = kMost, .runtime = kMost}).system == kMost / 2);
  for (const std::uint64_t told : {std::uint64_t{0}, std::uint64_t{5}, kMost / 2, kMost})
    for (const std::uint64_t runtime : {std::uint64_t{0}, std::uint64_t{9}, kMost}) {
      const CpuTime time = of({.utime = 3, .stime = 2, .runtime = runtime, .told_utime = told, .told_stime = 1});
      CHECK((time == CpuTime{told, 1} || time.user + time.system == runtime));
    }
}

}  // namespace
}  // namespace aa::test
