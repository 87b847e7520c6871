// SPDX-License-Identifier: MIT OR Apache-2.0
//
// --root: which events change something outside.
#include "rules/outside_root.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <functional>

namespace aa::test {
namespace {

// /site, /sitemap and a link to /site, in a directory of their own.
class Place {
 public:
  Place() {
    char path[] = "/tmp/aa-trace-root-XXXXXX";
    REQUIRE(mkdtemp(path));
    top_ = std::filesystem::canonical(path);
    for (const char* name : {"/site", "/sitemap"}) std::filesystem::create_directory(top_ + name);
    std::filesystem::create_directory_symlink(top_ + "/site", top_ + "/link");
  }
  ~Place() { std::filesystem::remove_all(top_); }
  std::string at(const std::string& name) const { return top_ + name; }

 private:
  std::string top_;
};

OutsideRoot outside_of(const std::vector<std::string>& directories) {
  const auto outside = OutsideRoot::of(directories);
  if (!outside) FAIL(outside.error().message);
  return *outside;
}

Event event_on(aa_kind kind, std::string_view path) {
  Event event;
  event.kind = kind;
  event.pid = 4242;
  event.file.path = Text::of(path);
  return event;
}

TEST_CASE("outside root: what changes a file, and what only looks at it") {
  const OutsideRoot outside = outside_of({"/tmp"});
  struct Row {
    const char* what;
    aa_kind kind;
    std::function<void(Event&)> fill;
    bool changes;
  };
  const auto nothing = [](Event&) {};
  const auto flags = [](std::uint32_t bits) { return [bits](Event& e) { e.file.flags = bits; }; };
  const Row rows[] = {
      {"read-only open", AA_OPEN, flags(O_RDONLY), false},
      {"open for writing", AA_OPEN, flags(O_WRONLY), true},
      {"open for both", AA_OPEN, flags(O_RDWR | O_CLOEXEC), true},
      {"open to append", AA_OPEN, flags(O_WRONLY | O_APPEND), true},
      {"open that truncates", AA_OPEN, flags(O_RDONLY | O_TRUNC), true},
      {"O_CREAT of a file that was there", AA_OPEN, flags(O_RDONLY | O_CREAT), false},
      {"O_CREAT that made the file", AA_OPEN,
       [](Event& e) {
         e.file.flags = O_RDONLY | O_CREAT;
         e.file.created = true;
       },
       true},
      {"O_PATH, whatever else is said", AA_OPEN, flags(O_PATH | O_RDWR | O_TRUNC), false},
      {"an unnamed file", AA_OPEN, flags(O_TMPFILE | O_RDWR), true},
      {"a directory", AA_OPEN, flags(O_RDONLY | O_DIRECTORY), false},
      {"io with writes", AA_IO, [](Event& e) { e.io.totals.writes = 1; }, true},
      {"io with reads only", AA_IO, [](Event& e) { e.io.totals.reads = 9; }, false},
      {"a read", AA_READ, nothing, false},
      {"a write", AA_WRITE, nothing, true},
      {"a close", AA_CLOSE, nothing, false},
      {"a shared mapping", AA_MMAP, nothing, true},
      {"unlink", AA_UNLINK, nothing, true},
      {"rmdir", AA_RMDIR, nothing, true},
      {"mkdir", AA_MKDIR, nothing, true},
      {"mknod", AA_MKNOD, nothing, true},
      {"rename", AA_RENAME, nothing, true},
      {"link", AA_LINK, nothing, true},
      {"symlink", AA_SYMLINK, nothing, true},
      {"chmod", AA_CHMOD, nothing, true},
      {"chown", AA_CHOWN, nothing, true},
      {"truncate", AA_TRUNCATE, nothing, true},
      {"utime", AA_UTIME, nothing, true},
      {"xattr", AA_XATTR, nothing, true},
      {"exec", AA_EXEC, nothing, false},
      {"fork", AA_FORK, nothing, false},
      {"exit", AA_EXIT, nothing, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    Event event = event_on(row.kind, "/srv/x");
    row.fill(event);
    CHECK(outside.is_left_by(event) == row.changes);
    CHECK_FALSE(OutsideRoot().is_left_by(event));
    // the result of a request that keeps quiet about its success
    event.file.no_result = true;
    CHECK(outside.is_left_by(event) == row.changes);
    event.error = 13;
    CHECK(outside.is_left_by(event) == event.file.created);
    event.error = 0;
    event.file.path = Text::of("/tmp/x");
    CHECK_FALSE(outside.is_left_by(event));
  }
}

TEST_CASE("outside root: where") {
  const Place place;
  const OutsideRoot outside = outside_of({place.at("/site"), "/opt/."});
  const std::pair<std::string, bool> rows[] = {
      {place.at("/site"), false},
      {place.at("/site/a"), false},
      {place.at("/sitemap"), true},
      {place.at("/sitemap/a"), true},
      {place.at("/wor"), true},
      {place.at(""), true},
      {place.at("/link/a"), true},  // paths have no links in them
      {"/opt/x", false},
      {"/optional", true},
      {"/", true},
      {"/etc/passwd", true},
      {"/dev/null", false},
      {"/dev/zero", false},
      {"/dev/full", false},
      {"/dev/tty", false},
      {"/dev/ptmx", false},
      {"/dev/pts/3", false},
      {"/dev/pts/ptmx", false},
      {"/dev/ptsx", true},
      {"/dev/null/x", true},
      {"/dev/nullx", true},
      {"/dev/tty1", true},
      {"/dev/sda", true},
      {"/dev/shm/x", true},
      {"/x/dev/null", true},
      {"pipe:[1]", false},
      {"socket:[1]", false},
      {"anon:[eventfd]", false},
      {"memfd:x", false},
      {"/proc/4242/oom_score_adj", false},
      {"/proc/4242", false},
      {"/proc/4242/task/4243/comm", false},
      {"/proc/self/comm", false},
      {"/proc/thread-self/comm", false},
      {"/proc/4242/fdinfo/3", false},
      {"/proc/4242/rooted", false},
      {"/proc/self/root/etc/x", true},
      {"/proc/self/root", true},
      {"/proc/self/cwd/../x", true},
      {"/proc/self/exe", true},
      {"/proc/self/fd/3", true},
      {"/proc/self/map_files/1-2", true},
      {"/proc/4242/root/x", true},
      {"/proc/4242/cwd", true},
      {"/proc/4242/fd/0", true},
      {"/proc/thread-self/root/x", true},
      {"/proc/thread-self/fd/1", true},
      {"/proc/self/task/4243/root/x", true},
      {"/proc/4242/task/4243/fd/1", true},
      {"/proc/self/task/root", false},
      {"/proc/424/comm", true},
      {"/proc/42421/comm", true},
      {"/proc/1/comm", true},
      {"/proc/selfish", true},
      {"/proc/sys/kernel/core_pattern", true},
      {"/proc", true},
  };
  for (const auto& [path, left] : rows) {
    CAPTURE(path);
    CHECK(outside.is_left_by(event_on(AA_WRITE, path)) == left);
  }
}

TEST_CASE("outside root: what was folded away may have been a link of /proc") {
  const OutsideRoot outside = outside_of({"/tmp"});
  Event event = event_on(AA_SYMLINK, "/proc/self/link");
  event.file.lexical = true;
  event.file.name = Text::of("/proc/self/cwd/../link");
  CHECK(outside.is_left_by(event));
  event.file.name = Text::of("cwd/../link");  // in /proc/self
  CHECK(outside.is_left_by(event));
  event.file.path = Text::of("/tmp/x");
  event.file.name = Text::of("/proc/self/root/../../../tmp/x");
  CHECK(outside.is_left_by(event));
  event.file.lexical = false;  // as the kernel resolved it
  CHECK_FALSE(outside.is_left_by(event));
  event.file.lexical = true;
  for (const char* name : {"a/../x", "/proc.d/../tmp/x", "/tmp/..x"}) {
    event.file.name = Text::of(name);
    CHECK_FALSE(outside.is_left_by(event));
  }
}

TEST_CASE("outside root: both names of a rename or a link count") {
  const OutsideRoot outside = outside_of({"/tmp"});
  for (const aa_kind kind : {AA_RENAME, AA_LINK}) {
    Event event = event_on(kind, "/tmp/a");
    event.file.new_path = Text::of("/tmp/b");
    CHECK_FALSE(outside.is_left_by(event));
    event.file.new_path = Text::of("/srv/b");
    CHECK(outside.is_left_by(event));
    event.file.path = Text::of("/srv/a");
    event.file.new_path = Text::of("/tmp/b");
    CHECK(outside.is_left_by(event));
    event.file.new_path = Text::unreadable();
    CHECK(outside.is_left_by(event));
    event.file.path = Text::of("/tmp/a");
    CHECK_FALSE(outside.is_left_by(event));  // says by itself that it does not know
  }
  Event link = event_on(AA_SYMLINK, "/tmp/a");
  link.file.text = Text::of("/etc/passwd");
  CHECK_FALSE(outside.is_left_by(link));
  Event unknown = event_on(AA_WRITE, "/srv/a");
  unknown.file.path = Text::unreadable();
  CHECK_FALSE(outside.is_left_by(unknown));
}

TEST_CASE("outside root: directories by any name") {
  const Place place;
  const auto leaves = [](const std::vector<std::string>& directories, const std::string& path) {
    return outside_of(directories).is_left_by(event_on(AA_WRITE, path));
  };
  for (const char* name : {"/link", "/site/", "/site/../site", "//site", "/link/."}) {
    CAPTURE(name);
    CHECK_FALSE(leaves({place.at(name)}, place.at("/site/a")));
    CHECK(leaves({place.at(name)}, place.at("/sitemap/a")));
  }
  CHECK_FALSE(leaves({"/"}, "/etc/passwd"));
  CHECK_FALSE(leaves({place.at("/site"), "/"}, "/etc/passwd"));
  const std::string here = std::filesystem::current_path();
  CHECK_FALSE(leaves({"."}, here + "/a"));
  CHECK(outside_of({place.at("/link"), "/tmp/."}).text() == place.at("/link") + ",/tmp/.");
  CHECK(outside_of({}).text().empty());
  CHECK_FALSE(leaves({}, "/etc/passwd"));
}

TEST_CASE("outside root: what is no directory") {
  const Place place;
  for (const std::string& directory : {place.at("/missing"), std::string("/dev/null"), std::string(),
                                       place.at("/site/\xff"), std::string(5000, 'x')}) {
    CAPTURE(directory.substr(0, 100));
    const auto outside = OutsideRoot::of({"/tmp", directory});
    REQUIRE_FALSE(bool(outside));
    CHECK(outside.error().message.starts_with("--root " + directory));
  }
}

}  // namespace
}  // namespace aa::test
