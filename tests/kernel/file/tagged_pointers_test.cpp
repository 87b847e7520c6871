// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Programs whose pointers have tags: everything that is read through one.
#include "kernel/expect.hpp"
#include "kernel/file/file_check.hpp"

#include <doctest/doctest.h>

namespace aa::test {

TEST_CASE("tagged pointers: names, structures, attributes") {
  const TempDir directory;
  const Report report = trace_command(
      directory, {"-e", "file,!io", "-P", "**/missing", "-P", "**/made", "-P", "**/link", "-P", "**/other"},
      "tagged_pointers");
  REQUIRE_MESSAGE(report.code == 0, report.errors);
  if (!report.is_supported()) return;
  CHECK(check_file_calls(report) == 6);
}

TEST_CASE("tagged pointers: the offsets of a copy") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "read,write", "-P", "**/copied"}, "tagged_pointers");
  REQUIRE_MESSAGE(report.code == 0, report.errors);
  if (!report.is_supported()) return;
  const Fact copied = report.truth.only("copied");
  REQUIRE(report.of("read").size() == 1);
  CHECK(report.of("read")[0].number("offset") == copied.number("from"));
  REQUIRE(report.of("write").size() == 2);
  CHECK(report.of("write")[1].number("offset") == copied.number("to"));
}

TEST_CASE("tagged pointers: the arguments of an exec that fails") {
  const TempDir directory;
  const Report report = trace_command(directory, {"-e", "exec", "-x"}, "tagged_pointers");
  REQUIRE_MESSAGE(report.code == 0, report.errors);
  if (!report.is_supported()) return;
  const Fact failed = report.truth.only("failed");
  check_failed_exec(report.only("exec", failed.number("pid")), failed);
}

}  // namespace aa::test
