// SPDX-License-Identifier: MIT OR Apache-2.0
#include <doctest/doctest.h>

#include "kernel/machine_limits.hpp"

namespace aa::test {
namespace {

TEST_CASE("the highest number of a CPU, also where numbers are left out") {
  CHECK(end_of_cpus("0") == 1);
  CHECK(end_of_cpus("0-3\n") == 4);
  CHECK(end_of_cpus("0-3,8-11\n") == 12);
  CHECK(end_of_cpus("0,4,127") == 128);
  CHECK(end_of_cpus("") == 0);
  CHECK(end_of_cpus("\n") == 0);
  CHECK(end_of_cpus("0-99999999999") == 0);
}

}  // namespace
}  // namespace aa::test
