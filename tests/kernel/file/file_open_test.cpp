// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/file/file_check.hpp"

#include <doctest/doctest.h>

namespace aa::test {

TEST_CASE("open: every call, every flag, what it made and what it found") {
  const TempDir directory;
  const Report report = check_workload(directory, 66, "file_open");
  check_counts(report, {{"open", 66, 43}});
  CHECK(calls_with(report, "created", "true").size() >= 6);
}

}  // namespace aa::test
