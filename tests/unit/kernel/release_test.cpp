// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/release.hpp"

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

TEST_CASE("kernel: releases") {
  struct Row {
    const char* text;
    int major, minor;
    bool supported;
  };
  for (const Row& row : {Row{"5.14.0-503.el9.x86_64", 5, 14, false},
                         {"5.15.0-91-generic", 5, 15, true},
                         {"5.4.0", 5, 4, false},
                         {"4.19.0-26-amd64", 4, 19, false},
                         {"6.0", 6, 0, true},
                         {"6.18.44-x", 6, 18, true},
                         {"10.1.2", 10, 1, true},
                         {"6", 0, 0, false},
                         {"", 0, 0, false},
                         {"garbage", 0, 0, false},
                         {"v6.1", 0, 0, false}}) {
    CAPTURE(std::string(row.text));
    const KernelRelease release = parse_release(row.text);
    CHECK(release.major == row.major);
    CHECK(release.minor == row.minor);
    CHECK(release.text == row.text);
    const Status status = check_kernel(release);
    CHECK(bool(status) == row.supported);
    if (!row.supported) CHECK(status.error().message == "needs Linux 5.15 or later, this is " + release.text);
  }
}

}  // namespace aa::test
