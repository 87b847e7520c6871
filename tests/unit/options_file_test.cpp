// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The command line: what narrows down file events.
#include <doctest/doctest.h>

#include <algorithm>

#include "unit/command_line.hpp"

namespace aa::test {
namespace {

using std::chrono::nanoseconds;

bool any_matches(const Options& options, const std::string& path) {
  return std::any_of(options.paths.begin(), options.paths.end(), [&](const Glob& glob) { return glob.matches(path); });
}

TEST_CASE("options: without them, file events of every path, totals of files, a line a second") {
  const Options options = good({"-a"});
  CHECK(options.paths.empty());
  CHECK(options.fd_types == AA_FD_FILE);
  CHECK(options.io_interval == nanoseconds(1'000'000'000));
}

TEST_CASE("options: paths add up") {
  CHECK(good({"-P", "/etc/"}).paths.size() == 1);
  CHECK(good({"--path=/etc/", "-P/var", "--path", "*.pem"}).paths.size() == 3);
  const Options both = good({"-P", "/etc/", "-P", "*.pem", "7"});
  CHECK(both.targets.pids == std::vector<std::uint32_t>{7});
  CHECK(any_matches(both, "/etc/passwd"));
  CHECK(any_matches(both, "/srv/key.pem"));
  CHECK_FALSE(any_matches(both, "/var/log"));
}

TEST_CASE("options: a path is one pattern, whatever it is made of") {
  struct Row {
    const char *pattern, *path;
  };
  for (const Row& row :
       {Row{"[ab]", "/a"}, Row{"[a,b]", "/,"}, Row{"/a,b", "/a,b"}, Row{"/a b", "/a b"}, Row{"{a}", "/{a}"},
        Row{"\"a\"", "/\"a\""}, Row{"'a'", "/'a'"}, Row{"a=b", "/a=b"}, Row{"%x", "/%x"}, Row{"\\[a]", "/[a]"},
        Row{"#a", "/#a"}, Row{"!a", "/!a"}, Row{"~a", "/~a"}}) {
    CAPTURE(row.pattern);
    for (const Words& words : {Words{"-P", row.pattern}, Words{"--path", row.pattern},
                               Words{std::string("--path=") + row.pattern}, Words{std::string("-P") + row.pattern}}) {
      const Options options = good(words);
      CHECK(options.paths.size() == 1);
      CHECK(any_matches(options, row.path));
      CHECK(options.targets.pids.empty());
    }
  }
  CHECK(any_matches(good({"--path=-x"}), "/-x"));
}

TEST_CASE("options: paths that are no patterns") {
  for (const char* pattern : {"", "[", "/[a", "/a\\"}) {
    CAPTURE(pattern);
    CHECK(mentions(bad({"--path=" + std::string(pattern)}), "--path"));
    CHECK(mentions(bad({"-P", pattern}), "--path"));
  }
  CHECK(mentions(bad({"-P", "/good", "-P", "/[bad"}), "/[bad"));
  CHECK(mentions(bad({"-P"}), "--path"));
}

TEST_CASE("options: kinds of descriptors") {
  const std::vector<std::pair<std::string, unsigned>> rows = {
      {"file", AA_FD_FILE},
      {"device", AA_FD_DEVICE},
      {"pipe", AA_FD_PIPE},
      {"socket", AA_FD_SOCKET},
      {"tty", AA_FD_TTY},
      {"anon", AA_FD_ANON},
      {"all", 63},
      {"file,pipe", AA_FD_FILE | AA_FD_PIPE},
      {"pipe,file", AA_FD_FILE | AA_FD_PIPE},
      {"tty,tty", AA_FD_TTY},
      {"all,pipe", 63},
      {"file,device,pipe,socket,tty,anon", 63},
  };
  for (const auto& [list, types] : rows) {
    CAPTURE(list);
    CHECK(good({"--fd-types", list}).fd_types == types);
    CHECK(good({"--fd-types=" + list}).fd_types == types);
  }
  for (const char* list : {"", ",", "file,", ",file", "file,,pipe", "files", "FILE", " file", "file pipe", "!file",
                           "none", "all,x", "0", "file;pipe"}) {
    CAPTURE(list);
    CHECK(mentions(bad({"--fd-types=" + std::string(list)}), "fd-types"));
  }
  CHECK(mentions(bad({"--fd-types", "file,pipes"}), "'pipes'"));
  bad({"--fd-types"});
}

TEST_CASE("options: the time between two lines of a descriptor") {
  const std::vector<std::pair<std::string, std::int64_t>> rows = {
      {"0", 0},
      {"0.0", 0},
      {"1", 1'000'000'000},
      {"0.5", 500'000'000},
      {".25", 250'000'000},
      {"1e3", 1'000'000'000'000},
      {"0.000001", 1'000},
      {"3600", 3'600'000'000'000},
  };
  for (const auto& [text, ns] : rows) {
    CAPTURE(text);
    CHECK(good({"--io-interval", text}).io_interval == nanoseconds(ns));
    CHECK(good({"--io-interval=" + text}).io_interval == nanoseconds(ns));
  }
  for (const char* text :
       {"", " ", "-1", "-0.5", "x", "1s", "1,5", " 1", "1 ", "+1", "nan", "inf", "-inf", "1e99", "1e10", "0x1", "--"}) {
    CAPTURE(text);
    CHECK(mentions(bad({"--io-interval=" + std::string(text)}), "io-interval"));
  }
  bad({"--io-interval"});
}

TEST_CASE("options: the help names them") {
  const Options options = good({"--help"});
  REQUIRE(options.print);
  for (const char* name : {"-P,--path", "--fd-types", "--io-interval", "-x,--failed", "-z,--successful"}) {
    CAPTURE(name);
    CHECK(mentions(*options.print, name));
  }
}

}  // namespace
}  // namespace aa::test
