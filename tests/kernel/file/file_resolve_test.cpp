// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/file/file_check.hpp"

#include <doctest/doctest.h>

namespace aa::test {

TEST_CASE("resolution: openat2, magic links, O_PATH and file handles") {
  const TempDir directory;
  const Report report = check_workload(directory, 43, "file_resolve");
  check_counts(report, {{"open", 42, 16}, {"chmod", 1, 0}});
}

}  // namespace aa::test
