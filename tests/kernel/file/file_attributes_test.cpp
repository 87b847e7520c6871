// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What changes a file but not its name.
#include "kernel/file/file_check.hpp"

#include <doctest/doctest.h>

namespace aa::test {

TEST_CASE("attributes: every call on mode, owner, size, times and extended attributes") {
  const TempDir directory;
  const Report report = check_workload(directory, 66, "file_attributes");
  check_counts(report, {{"chmod", 11, 4}, {"chown", 13, 10}, {"truncate", 11, 2}, {"utime", 13, 8}, {"xattr", 16, 0}});
}

}  // namespace aa::test
