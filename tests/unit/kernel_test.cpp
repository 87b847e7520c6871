// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel.hpp"

#include <doctest/doctest.h>

namespace aa::test {

TEST_CASE("looking into a map takes CAP_BPF before 5.19, unless everybody may use bpf()") {
  for (const char* old : {"5.15.0", "5.18.19-generic", "5.9"}) {
    CAPTURE(old);
    CHECK(map_reads_need_capability(parse_release(old), true));
    CHECK_FALSE(map_reads_need_capability(parse_release(old), false));
  }
  for (const char* newer : {"5.19.0", "5.20", "6.0.1", "6.1.0-56-amd64", "7.0"}) {
    CAPTURE(newer);
    CHECK_FALSE(map_reads_need_capability(parse_release(newer), true));
    CHECK_FALSE(map_reads_need_capability(parse_release(newer), false));
  }
}

TEST_CASE("the highest number of a CPU, also where numbers are left out") {
  CHECK(end_of_cpus("0") == 1);
  CHECK(end_of_cpus("0-3\n") == 4);
  CHECK(end_of_cpus("0-3,8-11\n") == 12);
  CHECK(end_of_cpus("0,4,127") == 128);
  CHECK(end_of_cpus("") == 0);
  CHECK(end_of_cpus("\n") == 0);
  CHECK(end_of_cpus("0-99999999999") == 0);
}

}  // namespace aa::test
