// SPDX-License-Identifier: MIT OR Apache-2.0
//
// dev and inode: which file it is, as fstat(2) says.
#include "kernel/trace.hpp"

#include <doctest/doctest.h>

#include <sys/mount.h>
#include <sys/stat.h>
#include <string>
#include <utility>

namespace aa::test {

namespace {

// A file system of its own: there fstat() and the kernel's own numbers are the same.
class Tmpfs {
 public:
  explicit Tmpfs(std::string path) : path_(std::move(path)) {
    REQUIRE(mkdir(path_.c_str(), 0755) == 0);
    REQUIRE(mount("tmpfs", path_.c_str(), "tmpfs", 0, "") == 0);
  }
  ~Tmpfs() { umount2(path_.c_str(), MNT_DETACH); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

void check_id(const Event& event, const Fact& file) {
  INFO(event.line());
  INFO(file.line());
  CHECK(event.text("dev") == file.text("dev"));
  CHECK(event.number("inode") == file.number("inode"));
}

}  // namespace

TEST_CASE("dev and inode of every event that knows its file") {
  const TempDir directory;
  const Tmpfs first(directory.file("first")), second(directory.file("second"));
  const Report report = trace_command(directory, {"-e", "file,calls"}, "file_ids", {first.path(), second.path()});
  REQUIRE(report.code == 0);
  const std::vector<Fact> files = report.truth.of("file");
  REQUIRE(files.size() == 18);
  for (const Fact& file : files) {
    INFO(file.line());
    int found = 0;
    for (const Event& event : report.of(file.text("event"))) {
      if (!event.has("path") || event.bytes("path") != file.text("path")) continue;
      found++;
      if (event.flag("lexical")) CHECK_FALSE((event.has("dev") || event.has("inode")));
      else check_id(event, file);
    }
    CHECK(found > 0);
  }
}

TEST_CASE("an open that fails has no file") {
  const TempDir directory;
  const Tmpfs place(directory.file("place"));
  const Report report = trace_command(directory, {"-e", "open", "-x"}, "file_ids", {place.path()});
  REQUIRE(report.code == 0);
  int failed = 0;
  for (const Event& open : report.of("open")) {
    CHECK_FALSE(open.has("dev"));
    CHECK_FALSE(open.has("inode"));
    failed += open.bytes("path") == directory.file("missing");
  }
  CHECK(failed == 1);
}

TEST_CASE("text has no numbers of files") {
  const TempDir directory;
  const Tmpfs place(directory.file("place"));
  const Report report = trace_command(directory, {"-e", "open"}, "file_ids", {place.path()}, Trace::Format::kText);
  REQUIRE(report.code == 0);
  CHECK(report.text.find("/place/file") != std::string::npos);
  for (const char* key : {" dev=", " inode="}) CHECK(report.text.find(key) == std::string::npos);
}

}  // namespace aa::test
