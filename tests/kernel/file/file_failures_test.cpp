// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Every call that takes a name, and every way in which a name makes it fail.
#include "kernel/file/file_check.hpp"

#include <doctest/doctest.h>

namespace aa::test {

TEST_CASE("failures: the error, the caller's string made absolute, and what could not be read") {
  const TempDir directory;
  const Report report = check_workload(directory, 368, "file_failures");
  for (const std::string error : {"ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG", "EFAULT", "EBADF"})
    CHECK_MESSAGE(calls_with(report, "error", error).size() >= 15, error);
  CHECK(calls_with(report, "unreadable", "path").size() > 40);
  CHECK(calls_with(report, "unreadable", "new_path").size() == 8);
}

TEST_CASE("failures: of another user, with its ids") {
  const TempDir directory;
  const Report report = check_workload(directory, 41, "file_failures", {"user"});
  CHECK(calls_with(report, "error", "EACCES").size() > 30);
  CHECK(calls_with(report, "uid", "65534").size() == 41);
  CHECK(calls_with(report, "gid", "65533").size() == 41);
}

}  // namespace aa::test
