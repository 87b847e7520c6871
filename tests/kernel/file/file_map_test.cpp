// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/file/file_check.hpp"

#include <doctest/doctest.h>

namespace aa::test {

TEST_CASE("mmap: files that are mapped shared and writable, and no others") {
  const TempDir directory;
  const Report report = check_workload(directory, 9, "file_map");
  check_counts(report, {{"mmap", 6, 6}});
}

}  // namespace aa::test
