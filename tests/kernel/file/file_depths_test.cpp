// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Paths at the edges of what is captured whole.
#include "kernel/file/file_check.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace aa::test {

TEST_CASE("deep files: whole up to 128 components, beyond that a prefix") {
  const TempDir directory;
  const Report report = trace_command(directory, kFileCalls, "file_depths");
  REQUIRE(report.code == 0);
  // the first directories are the test's own
  const auto own = std::count(directory.path().begin(), directory.path().end(), '/');
  const int calls = static_cast<int>(2 * (200 - own) + 5 * 16 + 3);
  CHECK(static_cast<int>(report.truth.of("call").size()) == calls);
  CHECK(check_file_calls(report) == calls);
  CHECK(calls_with(report, "path_truncated", "true").size() > 150);
  CHECK(calls_with(report, "new_path_truncated", "true").size() == 4);
}

TEST_CASE("long files: whole up to 4095 bytes, beyond that a prefix") {
  const TempDir directory;
  const Report report = trace_command(directory, kFileCalls, "file_depths", {"long"});
  REQUIRE(report.code == 0);
  const int calls = static_cast<int>(report.truth.of("call").size());
  CHECK(check_file_calls(report) == calls);
  check_counts(report, {{"rename", 2, 2}, {"symlink", 2, 2}});
  CHECK(calls_with(report, "event", "mkdir").size() >= 13);
  long long longest = 0, whole = 0;
  for (const Event& event : report.events) {
    if (!event.has("path")) continue;
    const auto size = static_cast<long long>(event.bytes("path").size());
    longest = std::max(longest, size);
    whole += size == 4000 || size == 4095;
  }
  CHECK(whole >= 12);
  CHECK(longest > 4095);
}

}  // namespace aa::test
