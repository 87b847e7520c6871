// SPDX-License-Identifier: MIT OR Apache-2.0
//
// File events as text: the keys in the order of the contract, one line each whatever the names hold.
#include "kernel/file/file_check.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>

#include "kernel/hooks.hpp"

namespace aa::test {

namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// "@" is the test's directory.
std::string placed(std::string text, const TempDir& directory) {
  for (size_t at = text.find('@'); at != std::string::npos; at = text.find('@', at + directory.path().size()))
    text.replace(at, 1, directory.path());
  return text;
}

// Where the kernel tells resolved names, those calls that fail before it does are lexical all the same.
std::string without_lexical(std::string text) {
  const std::string mark = " lexical=true";
  const size_t at = text.find(mark);
  return names_are_resolved() && at != std::string::npos ? text.erase(at, mark.size()) : text;
}

// Lines of one process: "[0.000001] EVENT pid=1 tid=1 ppid=1 uid=0 gid=0 comm="x" ", then what is looked for.
int lines_with(const Report& report, const std::string& event, const std::string& comm, const std::string& rest) {
  int count = 0;
  for (const std::string& told : lines_of(report.text)) {
    const std::string line = without_lexical(told);
    const size_t bracket = line.find("] ");
    const std::string ids = without_lexical(" uid=0 gid=0 comm=\"" + comm + "\" " + rest);
    count += bracket != std::string::npos && line.compare(bracket + 2, event.size() + 5, event + " pid=") == 0 &&
             line.ends_with(ids);
  }
  return count;
}

struct Line {
  std::string event;
  std::string rest;
};

void check_lines(const std::string& workload, const std::vector<Line>& expected) {
  const TempDir directory;
  const Report report = trace_command(directory, kFileCalls, workload, {}, Trace::Format::kText);
  REQUIRE(report.code == 0);
  for (const Line& line : expected) {
    const std::string rest = placed(line.rest, directory);
    CHECK_MESSAGE(lines_with(report, line.event, workload, rest) == 1, line.event << " ... " << rest);
  }
}

}  // namespace

TEST_CASE("text: keys of the events on names, in order") {
  check_lines("file_changes",
              {{"open", R"(fd=3 flags=O_RDONLY path="@/dir" name="dir")"},
               {"mkdir", R"(mode=0750 lexical=true path="@/d1" name="d1")"},
               {"mkdir", R"(mode=01777 lexical=true path="@/d2")"},
               {"mkdir", R"(error=EEXIST mode=0000 lexical=true path="@/d1" name="d1/")"},
               {"mknod", R"(error=EEXIST mode=010640 lexical=true path="@/fifo" name="fifo")"},
               {"symlink", R"(lexical=true target="../any where" path="@/s1" name="s1")"},
               {"symlink", R"(error=ENOENT lexical=true target="" path="@/s2" name="s2")"},
               {"symlink", R"(error=EFAULT lexical=true unreadable=target path="@/s2" name="s2")"},
               {"link", R"(lexical=true path="@/one" name="one" new_path="@/l1" new_name="l1")"},
               {"link", R"(lexical=true path="@/two" name="two" new_path="@/l5")"},
               {"link", R"(error=EBADF lexical=true unreadable=path name="" new_path="@/dir/l9" new_name="l9")"},
               {"rename", R"(error=EEXIST flags=RENAME_NOREPLACE lexical=true path="@/dir/five" name="five" )"
                          R"(new_path="@/two" new_name="two")"},
               {"unlink", R"(error=EISDIR lexical=true path="@/dir" name="dir")"},
               {"rmdir", R"(error=ENOTEMPTY lexical=true path="@" name="d2/..")"}});
}

TEST_CASE("text: keys of the events on attributes, in order") {
  check_lines("file_attributes",
              {{"chmod", R"(fd=6 mode=04751 path="@/dir/inner")"},
               {"chmod", R"(fd=99 error=EBADF mode=0644)"},
               {"chown", R"(new_uid=1 new_gid=2 lexical=true path="@/plain" name="plain")"},
               {"chown", names_are_resolved() ? R"(new_uid=3 path="@/plain" name="to_plain")"
                                              : R"(new_uid=3 lexical=true path="@/to_plain" name="to_plain")"},
               {"truncate", R"(error=EINVAL size=-1 lexical=true path="@/plain" name="plain")"},
               {"truncate", R"(fd=6 size=8192 path="@/dir/inner")"},
               {"utime", R"(error=ENOENT lexical=true path="@/dir/absent" name="absent")"},
               {"utime", R"(error=EFAULT lexical=true unreadable=path)"},
               {"xattr", R"(error=ENOENT lexical=true name="user.aa" path="@/absent" filename="absent")"}});
}

TEST_CASE("text: keys of opens and mappings, in order") {
  check_lines(
      "file_open",
      {{"open", R"(fd=4 flags=O_RDWR|O_CREAT|O_EXCL mode=04711 created=true path="@/dir/by_openat" name="by_openat")"},
       {"open",
        R"(error=EEXIST flags=O_RDWR|O_CREAT|O_EXCL mode=0600 lexical=true path="@/dir/by_openat" name="by_openat")"},
       {"open", R"(fd=4 flags=O_RDWR path="/dev/null" name="/proc/self/root/dev/null")"}});
  check_lines("file_map", {{"mmap", R"(fd=3 length=5000 path="@/plain")"}});
}

TEST_CASE("text: names of any bytes leave each event one line") {
  const TempDir directory;
  const Report report = trace_command(directory, kFileCalls, "file_names", {}, Trace::Format::kText);
  REQUIRE(report.code == 0);
  const std::vector<std::string> lines = lines_of(report.text);
  // three directories are made beforehand
  CHECK(lines.size() == report.truth.of("call").size() + 3);
  for (const std::string& line : lines) {
    const bool is_plain =
        std::none_of(line.begin(), line.end(), [](unsigned char byte) { return byte < ' ' || byte == 0x7f; });
    if (!is_plain || line.front() != '[') FAIL_CHECK(line);
  }
  for (const char* name : {R"(name="line\nbreak")", R"(name="\x1b[2J\x1b]0;title\x07")", R"(name="\x01\x7f\t\r")",
                           R"(name="\xff\xfe")", R"(name="cut \xe2\x82")", R"(name="\u{202e} turned")",
                           R"(name="quote\"back\\slash'")", R"(target="line\nbreak")", R"(new_name="\xff\xfe")"})
    CHECK_MESSAGE(report.text.find(name) != std::string::npos, std::string(name));
}

}  // namespace aa::test
