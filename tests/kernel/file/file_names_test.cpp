// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Names as they come: any bytes, folded, deep, long.
#include "kernel/file/file_check.hpp"

#include <doctest/doctest.h>

namespace aa::test {

TEST_CASE("file names of any bytes, and names that fold") {
  const TempDir directory;
  const Report report = check_workload(directory, 16 * 10 + 41, "file_names");
  check_counts(report, {{"rename", 16, 16}, {"symlink", 16, 16}});
}

}  // namespace aa::test
