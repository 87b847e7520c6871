// SPDX-License-Identifier: MIT OR Apache-2.0
//
// File events by name: the path that is made of what the caller gave, and what is told of the name.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <optional>

#include "unit/event/decoded.hpp"
#include "unit/event/records.hpp"

namespace aa::test {
namespace {

using State = Text::State;

constexpr const char* kSame = nullptr;  // the name says no more than the path

void check_name(const Text& name, const char* expected) {
  CHECK(name.present() == (expected != kSame));
  if (expected) CHECK(name.bytes == expected);
}

struct NameRow {
  std::string directory, name, path;
  const char* shown;
};

FileRecord unlink_of(const NameRow& row) { return FileRecord(AA_UNLINK).directory(row.directory).name(row.name); }

// Both places of a record go the same way.
void check_both_places(const FileRecord& first, const FileRecord& second, const NameRow& row, bool lexical) {
  CAPTURE(row.directory);
  CAPTURE(row.name);
  const Decoded it(first.bytes()), other(second.bytes());
  REQUIRE(it.done);
  REQUIRE(other.done);
  CHECK(it.event.file.path.bytes == row.path);
  CHECK(it.event.file.lexical == lexical);
  CHECK_FALSE(it.event.file.path.truncated);
  check_name(it.event.file.name, row.shown);
  CHECK(it.event.file.new_path.state == State::kAbsent);
  CHECK(other.event.file.new_path.bytes == row.path);
  CHECK(other.event.file.lexical == lexical);
  check_name(other.event.file.new_name, row.shown);
  CHECK(other.event.file.path.state == State::kAbsent);
}

TEST_CASE("decode name: relative to a directory") {
  const NameRow rows[] = {
      {"/home/me", "f", "/home/me/f", "f"},
      {"/home/me", "a/b", "/home/me/a/b", "a/b"},
      {"/home/me", "./f", "/home/me/f", "./f"},
      {"/home/me", ".", "/home/me", "."},
      {"/home/me", "..", "/home", ".."},
      {"/home/me", "../f", "/home/f", "../f"},
      {"/home/me", "../../../../f", "/f", "../../../../f"},
      {"/home/me", "a/../..//./b/", "/home/b", "a/../..//./b/"},
      {"/home/me", "...", "/home/me/...", "..."},
      {"/", "f", "/f", "f"},
      {"/", "..", "/", ".."},
      {"/", "tmp/../../f", "/f", "tmp/../../f"},
      {"/a b", "c\n\xff", "/a b/c\n\xff", "c\n\xff"},
      // the directory does not matter
      {"/home/me", "/etc/passwd", "/etc/passwd", kSame},
      {"/home/me", "/", "/", kSame},
      {"/home/me", "//etc/./x/../passwd/", "/etc/passwd", "//etc/./x/../passwd/"},
      {"/home/me", "/..", "/", "/.."},
      {"/home/me", "/.", "/", "/."},
      // the empty name of a call that fails is none
      {"/home/me", "", "/home/me", ""},
  };
  for (const NameRow& row : rows)
    check_both_places(unlink_of(row).error(-2),
                      FileRecord(AA_LINK).new_directory(row.directory).new_name(row.name).error(-2), row, true);
}

TEST_CASE("decode name: a successful call on the empty name is on the file itself") {
  const Decoded it(FileRecord(AA_CHOWN).directory("/the/file").name("").bytes());
  CHECK(it.event.file.path.bytes == "/the/file");
  CHECK(it.event.file.name.bytes.empty());
  CHECK(it.event.file.name.present());
  CHECK_FALSE(it.event.file.lexical);
  const Decoded failed(FileRecord(AA_CHOWN).directory("/the/file").name("").error(-1).bytes());
  CHECK(failed.event.file.lexical);
  // an empty new name does not make the other path less lexical
  CHECK(Decoded(FileRecord(AA_LINK).directory("/d").name("").new_directory("/e").new_name("n").bytes())
            .event.file.lexical);
}

TEST_CASE("decode name: an absolute name brings no directory") {
  const Decoded it(FileRecord(AA_UNLINK).name("/a/b").bytes());
  REQUIRE(it.done);
  CHECK(it.event.file.path.bytes == "/a/b");
  CHECK(it.event.file.lexical);
  CHECK(it.event.file.name.state == State::kAbsent);
}

struct RootRow {
  std::string root;
  NameRow row;
};

TEST_CASE("decode name: in a chroot") {
  const RootRow rows[] = {
      {"/jail", {"/jail/home", "f", "/jail/home/f", "f"}},
      {"/jail", {"/jail/home", "../f", "/jail/f", "../f"}},
      {"/jail", {"/jail/home", "../../../f", "/jail/f", "../../../f"}},
      {"/jail", {"/jail", "..", "/jail", ".."}},
      {"/jail", {"/jail", "../jail2", "/jail/jail2", "../jail2"}},
      {"/jail", {"/jail", "a/../../../b", "/jail/b", "a/../../../b"}},
      {"/jail", {"/", "/f", "/jail/f", "/f"}},
      {"/jail", {"/", "/", "/jail", "/"}},
      {"/jail", {"/", "/../../f", "/jail/f", "/../../f"}},
      {"/jail", {"/", "/jail/f", "/jail/jail/f", "/jail/f"}},
      {"/a/b/c", {"/a/b/c/d", "../../../x", "/a/b/c/x", "../../../x"}},
      // a directory outside, from before the chroot: ".." goes up to the top
      {"/jail", {"/jail2/home", "../../f", "/f", "../../f"}},
      {"/jail", {"/", "f", "/f", "f"}},
      {"/jail/in", {"/jail", "../../../f", "/f", "../../../f"}},
      {"/jail/in", {"/jail", "in/../f", "/jail/f", "in/../f"}},
      // another root than the namespace's, with the same path
      {"/", {"/home", "../../f", "/f", "../../f"}},
      {"/", {"/", "/f", "/f", kSame}},
  };
  for (const RootRow& it : rows) {
    CAPTURE(it.root);
    const FileRecord second = FileRecord(AA_LINK).new_directory(it.row.directory).new_name(it.row.name).root(it.root);
    check_both_places(unlink_of(it.row).root(it.root), second, it.row, true);
  }
}

TEST_CASE("decode name: a root that nobody declared valid is not looked at") {
  FileRecord record = FileRecord(AA_UNLINK).name("/f").root("/jail").unreadable(AA_FILE_ROOT);
  record.fixed.marks = 0;
  record.fixed.root.names = {.offset = 0xFFFF, .length = 0xFFFF};
  CHECK(Decoded(record.bytes()).event.file.path.bytes == "/f");
}

TEST_CASE("decode name: beside the file's own path") {
  const NameRow rows[] = {
      {"/the/file", "file", "/the/file", "file"},
      {"/the/file", "/the/file", "/the/file", kSame},
      {"/the/file", "/the//file", "/the/file", "/the//file"},
      {"/the/file", "", "/the/file", ""},
      {"/proc/7/status", "/proc/self/status", "/proc/7/status", "/proc/self/status"},
  };
  for (const NameRow& row : rows)
    check_both_places(FileRecord(AA_OPEN).path(row.path).name(row.name).root("/jail"),
                      FileRecord(AA_LINK).new_path(row.path).new_name(row.name).root("/jail"), row, false);
  CHECK(Decoded(FileRecord(AA_OPEN).path("/f").bytes()).event.file.name.state == State::kAbsent);
}

TEST_CASE("decode name: one place does not touch the other") {
  const Decoded it(FileRecord(AA_LINK).path("/own").name("own").new_directory("/d").new_name("n").bytes());
  CHECK(it.event.file.path.bytes == "/own");
  CHECK(it.event.file.name.bytes == "own");
  CHECK(it.event.file.new_path.bytes == "/d/n");
  CHECK(it.event.file.lexical);
  const Decoded both(FileRecord(AA_RENAME).directory("/d").name("a").new_directory("/e").new_name("b").bytes());
  CHECK(both.event.file.path.bytes == "/d/a");
  CHECK(both.event.file.new_path.bytes == "/e/b");
}

TEST_CASE("decode name: relative to a directory that is deleted") {
  struct Row {
    const char *name, *path;
    bool deleted;
  };
  for (const Row& row : {Row{"f", "/a/b/f", true}, Row{"d/../f", "/a/b/f", true}, Row{"", "/a/b", true},
                         Row{"../f", "/a/f", false}, Row{"../b/f", "/a/b/f", false}, Row{"/f", "/f", false}}) {
    CAPTURE(row.name);
    FileRecord record = FileRecord(AA_UNLINK).directory("/a/b").name(row.name).error(-2);
    record.fixed.path.flags = AA_PATH_DELETED;
    const Decoded it(record.bytes());
    CHECK(it.event.file.path.bytes == row.path);
    CHECK(it.event.file.path.deleted == row.deleted);
  }
}

TEST_CASE("decode name: relative to what has no path") {
  struct Row {
    std::string detached;
    unsigned mode;
    std::string name, path;
  };
  for (const Row& row :
       {Row{"", S_IFIFO, "", "pipe:[77]"}, Row{"", S_IFSOCK, "", "socket:[77]"}, Row{"memfd:x", S_IFREG, "", "memfd:x"},
        Row{"[eventfd]", 0, "", "anon:[eventfd]"}, Row{"", S_IFIFO, "f", "pipe:[77]/f"},
        Row{"", S_IFIFO, "../../f", "pipe:[77]/f"}, Row{"", S_IFIFO, "/f", "/f"}}) {
    FileRecord record(AA_CHOWN);
    const Decoded it(record.put_detached(record.fixed.path, row.detached, row.mode, 77).name(row.name).bytes());
    CAPTURE(row.name);
    REQUIRE(it.done);
    CHECK(it.event.file.path.bytes == row.path);
  }
}

struct MarkRow {
  unsigned cut, unreadable;  // bits of enum aa_file_string
  std::string name, path;    // without a path: it is unreadable
  bool path_truncated;
  State name_state;
  bool name_truncated;
};

constexpr unsigned kPath = 1 << AA_FILE_PATH, kName = 1 << AA_FILE_NAME, kRoot = 1 << AA_FILE_ROOT;
constexpr unsigned kOthers = 1 << AA_FILE_NEW_PATH | 1 << AA_FILE_NEW_NAME | 1 << AA_FILE_TEXT;

void check_marks(FileRecord record, const MarkRow& row) {
  CAPTURE(row.cut);
  CAPTURE(row.unreadable);
  CAPTURE(row.name);
  record.fixed.header.cut = static_cast<__u8>(row.cut);
  record.fixed.header.unreadable = static_cast<__u8>(row.unreadable);
  const Decoded it(record.bytes());
  REQUIRE(it.done);
  CHECK(it.event.file.path.state == (row.path.empty() ? State::kUnreadable : State::kPresent));
  CHECK(it.event.file.path.bytes == row.path);
  CHECK(it.event.file.path.truncated == row.path_truncated);
  CHECK(it.event.file.name.state == row.name_state);
  CHECK(it.event.file.name.truncated == row.name_truncated);
}

constexpr State kShown = State::kPresent, kNone = State::kAbsent, kGone = State::kUnreadable;

TEST_CASE("decode name: cut and unreadable strings of a name") {
  const MarkRow rows[] = {
      {0, 0, "f", "/d/f", false, kShown, false},
      {kOthers, kOthers, "f", "/d/f", false, kShown, false},
      // the longest prefix that is known: nothing stands behind a gap
      {kName, 0, "f", "/d/f", true, kShown, true},
      {kPath, 0, "f", "/d", true, kShown, false},
      {kPath | kName, 0, "f", "/d", true, kShown, true},
      {kPath, 0, "./f", "/d", true, kShown, false},
      {kPath, 0, "..f/g..", "/d", true, kShown, false},
      {kPath, 0, "", "/d", true, kShown, false},
      // the missing end of the directory may be as short as what ".." takes away
      {kPath, 0, "../f", "/", true, kShown, false},
      {kPath, 0, "a/..", "/d", true, kShown, false},
      {kPath, 0, "/f", "/f", false, kNone, false},
      {kName, 0, "/f", "/f", true, kNone, false},
      {0, kPath, "f", "", false, kShown, false},
      {kName, kPath, "f", "", false, kShown, true},
      {0, kPath, "/f", "/f", false, kNone, false},
      // what was asked for is the path: one key says that it is missing
      {0, kName, "f", "", false, kNone, false},
      {0, kName | kPath, "f", "", false, kNone, false},
      {kPath, kName, "f", "", false, kNone, false},
  };
  for (const MarkRow& row : rows) check_marks(FileRecord(AA_UNLINK).directory("/d").name(row.name).error(-2), row);
}

TEST_CASE("decode name: cut and unreadable strings in a chroot") {
  const MarkRow rows[] = {
      {0, 0, "f", "/jail/d/f", false, kShown, false},    {0, 0, "/f", "/jail/f", false, kShown, false},
      {kRoot, 0, "/f", "/jail", true, kShown, false},    {kRoot | kName, 0, "/f", "/jail", true, kShown, true},
      {kRoot, 0, "/../f", "/jail", true, kShown, false}, {kPath, 0, "f", "/jail/d", true, kShown, false},
      {kPath, 0, "/f", "/jail/f", false, kShown, false}, {0, kRoot, "/f", "", false, kShown, false},
      {0, kRoot, "f", "", false, kShown, false},         {0, kRoot | kPath, "f", "", false, kShown, false},
      {0, kRoot | kName, "f", "", false, kNone, false},  {0, kPath, "/f", "/jail/f", false, kShown, false},
      {kRoot, kPath, "f", "", false, kShown, false},
  };
  for (const MarkRow& row : rows)
    check_marks(FileRecord(AA_UNLINK).directory("/jail/d").name(row.name).root("/jail").error(-2), row);
}

TEST_CASE("decode name: cut and unreadable strings beside the file's own path") {
  const MarkRow rows[] = {
      {kPath, 0, "f", "/d", true, kShown, false},          {kName, 0, "f", "/d", false, kShown, true},
      {0, kPath, "f", "", false, kShown, false},           {0, kName, "f", "/d", false, kGone, false},
      {0, kPath | kName, "f", "", false, kGone, false},    {kRoot, kRoot, "f", "/d", false, kShown, false},
      {kOthers, kOthers, "f", "/d", false, kShown, false},
  };
  for (const MarkRow& row : rows) check_marks(FileRecord(AA_OPEN).path("/d").name(row.name), row);
}

TEST_CASE("decode name: marks of the text") {
  for (const aa_kind kind : {AA_SYMLINK, AA_XATTR}) {
    const Decoded cut(FileRecord(kind).directory("/d").name("f").text("t").cut(AA_FILE_TEXT).bytes());
    CHECK(cut.event.file.text.bytes == "t");
    CHECK(cut.event.file.text.truncated);
    CHECK_FALSE(cut.event.file.path.truncated);
    const Decoded gone(FileRecord(kind).directory("/d").name("f").unreadable(AA_FILE_TEXT).bytes());
    CHECK(gone.event.file.text.state == kGone);
    CHECK(gone.event.file.path.bytes == "/d/f");
    CHECK(Decoded(FileRecord(kind).text("").bytes()).event.file.text.state == kShown);
  }
}

}  // namespace
}  // namespace aa::test
