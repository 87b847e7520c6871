// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/file/file_check.hpp"

#include <doctest/doctest.h>

namespace aa::test {

TEST_CASE("an open that signals interrupt: one event, as the caller sees it") {
  const TempDir directory;
  const Report report = check_workload(directory, 3, "file_interrupted");
  CHECK(calls_with(report, "error", "EINTR").size() == 1);
}

}  // namespace aa::test
