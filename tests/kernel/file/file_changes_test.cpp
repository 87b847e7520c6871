// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What makes, removes, renames and links names.
#include "kernel/file/file_check.hpp"

#include <doctest/doctest.h>

namespace aa::test {

TEST_CASE("changes of names: every call, below the current directory and below a descriptor") {
  const TempDir directory;
  const Report report = check_workload(directory, 59, "file_changes");
  check_counts(report, {{"mkdir", 7, 6},
                        {"mknod", 6, 5},
                        {"symlink", 5, 2},
                        {"link", 11, 4},
                        {"rename", 12, 8},
                        {"unlink", 7, 4},
                        {"rmdir", 9, 3}});
}

}  // namespace aa::test
