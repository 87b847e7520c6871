// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The same events of 32-bit callers.
#include "kernel/file/file_check.hpp"

#include <doctest/doctest.h>

#include <unistd.h>

namespace aa::test {

TEST_CASE("32-bit calls on files: every one, with its own numbers and layouts") {
  const TempDir directory;
  const Report report = trace_command(directory, kFileCalls, "file_compat");
  REQUIRE_MESSAGE(report.code == 0, report.errors);
  if (!report.is_supported()) return;
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

TEST_CASE("32-bit reads and writes: offsets of 64 bits in two halves, and of 32 bits in memory") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "read,write"}, "file_compat_io");
  REQUIRE_MESSAGE(report.code == 0, report.errors);
  if (!report.is_supported()) return;
  std::vector<Event> events;
  for (const Event& event : report.events)
    if (event.number("fd") > STDERR_FILENO) events.push_back(event);
  const std::vector<Fact> calls = report.truth.of("call");
  CHECK(calls.size() == 36);
  REQUIRE(events.size() == calls.size());
  for (size_t i = 0; i < calls.size(); i++) check_file_call(events[i], calls[i]);
}

}  // namespace aa::test
