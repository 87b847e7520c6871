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

}  // namespace aa::test
