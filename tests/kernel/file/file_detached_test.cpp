// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Files that have no path, or not the one any more that they were opened by.
#include "kernel/file/file_check.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace aa::test {

TEST_CASE("files without a path, deleted files, files that got a name") {
  const TempDir directory;
  const Report report = check_workload(directory, 97, "file_detached");
  check_counts(report, {{"open", 39, 20}});
  for (const std::string prefix : {"pipe:[", "socket:[", "anon:[eventfd]", "anon:[eventpoll]", "anon:[timerfd]",
                                   "anon:[signalfd]", "anon:[inotify]", "memfd:plain", "memfd:odd"}) {
    const std::vector<Event> chmods = report.of("chmod");
    CHECK_MESSAGE(std::any_of(chmods.begin(), chmods.end(),
                              [&](const Event& event) { return event.text("path").starts_with(prefix); }),
                  prefix);
  }
}

}  // namespace aa::test
