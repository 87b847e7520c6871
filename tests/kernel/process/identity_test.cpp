// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Users and groups: the effective ids, at the moment of the event.
#include "kernel/expect.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <filesystem>

namespace aa::test {

namespace {

std::string install(const TempDir& directory, const std::string& name, mode_t mode, gid_t group) {
  const std::string path = directory.file(name);
  std::filesystem::copy_file(workload_path("print_self"), path);
  // chown clears the set-id bits, so the mode comes last.
  REQUIRE(chown(path.c_str(), 0, group) == 0);
  REQUIRE(chmod(path.c_str(), mode) == 0);
  return path;
}

bool allows_setuid(const std::string& path) {
  struct statvfs file_system {};
  return statvfs(path.c_str(), &file_system) == 0 && (file_system.f_flag & ST_NOSUID) == 0;
}

std::string place_that_allows_setuid() {
  for (const std::string& place : {TempDir::default_place(), std::string("/tmp"), std::string("/var/tmp"),
                                   std::string("/run"), std::string("/")}) {
    if (allows_setuid(place)) return place;
  }
  FAIL("every place for files is mounted nosuid");
  return "";
}

}  // namespace

TEST_CASE("the effective user and group") {
  const TempDir directory;
  const std::string program = install(directory, "program", 0755, 0);
  const Report report = trace_command(directory, {"-e", "exec,exit"}, "effective_ids", {program});
  REQUIRE(report.code == 0);
  CHECK(check_calls(report) == 3);
  CHECK(check_exits(report) == 3);
  const std::vector<std::vector<long long>> expected = {{4321, 1234}, {5432, 2345}, {4000000000, 3000000000}};
  const std::vector<Fact> calls = report.truth.of("call");
  REQUIRE(calls.size() == expected.size());
  for (size_t i = 0; i < calls.size(); i++) {
    for (const char* kind : {"exec", "exit"}) {
      const Event event = report.only(kind, calls[i].number("pid"));
      CHECK(event.number("uid") == expected[i][0]);
      CHECK(event.number("gid") == expected[i][1]);
    }
  }
}

TEST_CASE("set-id programs run as their owner, traced or not") {
  const TempDir directory(place_that_allows_setuid());
  const std::string setuid = install(directory, "setuid", 04755, 0);
  const std::string both = install(directory, "setuid_setgid", 06755, 7654);
  const Report report = trace_command(directory, {"-e", "exec,exit"}, "setuid_exec", {setuid, both});
  REQUIRE(report.code == 0);
  CHECK(check_calls(report) == 2);
  CHECK(check_exits(report) == 2);
  const Event first = report.only("exec", report.truth.only("call", "filename", setuid).number("pid"));
  CHECK(first.number("uid") == 0);
  CHECK(first.number("gid") == 1234);
  const Event second = report.only("exec", report.truth.only("call", "filename", both).number("pid"));
  CHECK(second.number("uid") == 0);
  CHECK(second.number("gid") == 7654);
}

}  // namespace aa::test
