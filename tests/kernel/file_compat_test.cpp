// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The same events of 32-bit callers.
#include "file_check.hpp"

#include <doctest/doctest.h>

namespace aa::test {

TEST_CASE("32-bit calls on files: every one, with its own numbers and layouts") {
  const TempDir directory;
  const Report report = trace_command(directory, kFileCalls, "file_compat");
  REQUIRE_MESSAGE(report.code == 0, report.errors);
  if (!report.truth.of("unsupported").empty()) {
    MESSAGE("this kernel has no 32-bit system calls");
    return;
  }
  CHECK(check_file_calls(report) == 69);
  CHECK(calls_with(report, "compat", "true").size() == 66);
  check_counts(report, {{"open", 13, 8},
                        {"mkdir", 2, 2},
                        {"mknod", 2, 2},
                        {"rename", 3, 2},
                        {"link", 2, 2},
                        {"symlink", 2, 2},
                        {"unlink", 2, 2},
                        {"rmdir", 3, 2},
                        {"chmod", 4, 3},
                        {"chown", 9, 9},
                        {"truncate", 9, 5},
                        {"utime", 7, 5},
                        {"xattr", 8, 0},
                        {"mmap", 3, 3}});
}

}  // namespace aa::test
