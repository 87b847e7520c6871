// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Where a path begins: below mounts, in other namespaces, in a chroot, in a directory that moved.
#include "kernel/file/file_check.hpp"

#include <doctest/doctest.h>

namespace aa::test {

TEST_CASE("places: in a chroot, out of it, in a directory that moved, in one that was removed") {
  const TempDir directory;
  const Report report = check_workload(directory, 68, "file_roots");
  check_counts(report, {{"open", 51, 28}, {"mkdir", 11, 7}, {"rename", 6, 3}});
}

TEST_CASE("places: below mounts, in a namespace of its own") {
  const TempDir directory;
  const Report report = check_workload(directory, 26, "file_mounts");
  CHECK(calls_with(report, "unreadable", "path").size() == 2);
}

TEST_CASE("places: an overlay, of which the lower files are somewhere else") {
  const TempDir directory;
  const Report report = trace_command(directory, kFileCalls, "file_mounts", {"overlay"});
  REQUIRE(report.code == 0);
  if (!report.is_supported()) return;
  CHECK(check_file_calls(report) == 17);
}

TEST_CASE("places: the root of a container, as the mount namespace has it") {
  const TempDir directory;
  const Report report = check_workload(directory, 9, "file_mounts", {"pivot"});
}

}  // namespace aa::test
