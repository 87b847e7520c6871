// SPDX-License-Identifier: MIT OR Apache-2.0
//
// File events: numbers, marks, and files as the kernel found them. Names: decode_names_test.cpp.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>

#include "event/kinds.hpp"
#include "unit/event/decoded.hpp"
#include "unit/event/records.hpp"

namespace aa::test {
namespace {

using namespace std::string_literals;

// Every kind whose record is an aa_file, but AA_RESULT.
constexpr aa_kind kFileKinds[] = {AA_OPEN,  AA_READ,  AA_WRITE,    AA_CLOSE,  AA_MMAP,  AA_UNLINK,
                                  AA_RMDIR, AA_MKDIR, AA_MKNOD,    AA_RENAME, AA_LINK,  AA_SYMLINK,
                                  AA_CHMOD, AA_CHOWN, AA_TRUNCATE, AA_UTIME,  AA_XATTR, AA_DESCRIPTOR};

// Every field has a value of its own.
FileRecord full_record(aa_kind kind) {
  FileRecord record(kind);
  record.path("/the/file").name("given").new_path("/new/file").new_name("new given").text("some text");
  record.fd(3).size(1'000'000'000'007).offset(2'000'000'000'009).mark(AA_FILE_POSITIONED);
  record.fixed.flags = 0x1234;
  record.fixed.mode = 0640;
  record.fixed.uid = 501;
  record.fixed.gid = 502;
  return record;
}

TEST_CASE("decode file: every field of every kind") {
  for (const aa_kind kind : kFileKinds) {
    CAPTURE(kind);
    const Decoded it(full_record(kind).bytes());
    const Event& event = it.event;
    REQUIRE(it.done);
    check_common(event);
    CHECK(event.kind == kind);
    CHECK(event.error == 0);
    CHECK(event.file.fd == 3);
    CHECK(event.file.flags == 0x1234);
    CHECK(event.file.mode == 0640);
    CHECK(event.file.size == 1'000'000'000'007);
    CHECK(event.file.offset == 2'000'000'000'009);
    CHECK(event.file.new_uid == 501);
    CHECK(event.file.new_gid == 502);
    CHECK(event.file.path.bytes == "/the/file");
    CHECK(event.file.name.bytes == "given");
    CHECK(event.file.new_path.bytes == "/new/file");
    CHECK(event.file.new_name.bytes == "new given");
    const bool has_text = kind == AA_SYMLINK || kind == AA_XATTR;
    CHECK(event.file.text.present() == has_text);
    CHECK(event.file.text.bytes == (has_text ? "some text" : ""));
    CHECK(event.io.generation == (kind == AA_DESCRIPTOR ? 1'000'000'000'007u : 0u));
    CHECK_FALSE(event.file.lexical);
  }
}

TEST_CASE("decode file: what a record does not say is absent") {
  for (const aa_kind kind : kFileKinds) {
    CAPTURE(kind);
    const Decoded it(FileRecord(kind).bytes());
    REQUIRE(it.done);
    CHECK_FALSE(it.event.file.fd);
    CHECK_FALSE(it.event.file.offset);
    for (const Text* text :
         {&it.event.file.path, &it.event.file.name, &it.event.file.new_path, &it.event.file.new_name, &it.event.exe})
      CHECK(text->state == Text::State::kAbsent);
    for (const bool mark :
         {it.event.file.created, it.event.file.removed, it.event.file.no_result, it.event.file.lexical,
          it.event.io.closed, it.event.file.unverified, it.event.file.doubtful})
      CHECK_FALSE(mark);
  }
}

TEST_CASE("decode file: whether a rename took the place of a file") {
  struct Row {
    unsigned marks;
    std::uint32_t flags;
    int error;
    std::optional<bool> replaced;
  };
  for (const Row& row :
       {Row{0, 0, 0, std::nullopt}, Row{AA_FILE_REPLACED, 0, 0, true}, Row{AA_FILE_NOT_REPLACED, 0, 0, false},
        Row{0, RENAME_NOREPLACE, 0, false}, Row{0, RENAME_NOREPLACE, -EEXIST, std::nullopt},
        Row{AA_FILE_REPLACED, RENAME_EXCHANGE, 0, std::nullopt}, Row{AA_FILE_REPLACED, 0, -EXDEV, std::nullopt},
        Row{AA_FILE_UNVERIFIED, RENAME_NOREPLACE, 0, std::nullopt},
        Row{AA_FILE_NO_RESULT, RENAME_NOREPLACE, 0, std::nullopt}}) {
    CAPTURE(row.marks);
    CAPTURE(row.flags);
    FileRecord record(AA_RENAME);
    record.fixed.flags = row.flags;
    const Decoded it(record.path("/x").mark(row.marks).error(row.error).bytes());
    REQUIRE(it.done);
    CHECK(it.event.file.replaced == row.replaced);
    CHECK_FALSE(it.event.file.created);
  }
}

TEST_CASE("decode file: each mark and each flag sets one thing") {
  struct Row {
    unsigned marks, flags;
    bool created, removed, no_result, positioned, compat, uring, asked, no_flags = false, unverified = false,
                                                                        doubtful = false;
  };
  const Row rows[] = {
      {0, 0, false, false, false, false, false, false, true},
      {AA_FILE_CREATED, 0, true, false, false, false, false, false, true},
      {AA_FILE_REMOVED, 0, false, true, false, false, false, false, true},
      {AA_FILE_NO_RESULT, 0, false, false, true, false, false, false, true},
      {AA_FILE_POSITIONED, 0, false, false, false, true, false, false, true},
      {AA_FILE_PENDING | AA_FILE_IN_ROOT, 0, false, false, false, false, false, false, true},
      {AA_FILE_DOUBTFUL, 0, false, false, false, false, false, false, true, false, false, true},
      {AA_FILE_NO_FLAGS, 0, false, false, false, false, false, false, true, true},
      {AA_FILE_UNVERIFIED, 0, false, false, false, false, false, false, true, false, true},
      {AA_FILE_NO_ARGUMENTS | AA_FILE_NO_OFFSET | AA_FILE_SOME_FLAGS | AA_FILE_NOT_CREATED, 0, false, false, false,
       false, false, false, true},
      {0, AA_COMPAT, false, false, false, false, true, false, true},
      {0, AA_URING, false, false, false, false, false, true, true},
      {0, AA_UNASKED, false, false, false, false, false, false, false},
      {0, AA_SCRIPT | AA_GENERATED, false, false, false, false, false, false, true},
      {0x7FF & ~AA_FILE_CHROOTED, 0xFF, true, true, true, true, true, true, false, true, true, true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.marks);
    CAPTURE(row.flags);
    const Decoded it(FileRecord(AA_OPEN).path("/x").mark(row.marks).flags(row.flags).offset(5).bytes());
    REQUIRE(it.done);
    CHECK(it.event.file.created == row.created);
    CHECK(it.event.file.removed == row.removed);
    CHECK(it.event.file.no_result == row.no_result);
    CHECK(it.event.file.offset.has_value() == row.positioned);
    CHECK(it.event.compat == row.compat);
    CHECK(it.event.via_uring == row.uring);
    CHECK(it.event.asked == row.asked);
    CHECK(it.event.file.flags_unreadable == row.no_flags);
    CHECK(it.event.file.unverified == row.unverified);
    CHECK(it.event.file.arguments_unreadable == bool(row.marks & AA_FILE_NO_ARGUMENTS));
    CHECK(it.event.file.offset_unreadable == bool(row.marks & AA_FILE_NO_OFFSET));
    CHECK(it.event.file.flags_truncated == bool(row.marks & AA_FILE_SOME_FLAGS));
    CHECK(it.event.file.not_created == bool(row.marks & AA_FILE_NOT_CREATED));
    CHECK(it.event.file.doubtful == row.doubtful);
    CHECK(it.event.file.path.bytes == "/x");
  }
}

TEST_CASE("decode file: numbers at their ends") {
  for (const std::uint32_t fd : {0u, 1u, 0x7FFFFFFFu, AA_FD_FIXED, AA_FD_FIXED | 5, 0xFFFFFFFEu}) {
    CAPTURE(fd);
    CHECK(Decoded(FileRecord(AA_READ).fd(fd).bytes()).event.file.fd == fd);
  }
  CHECK_FALSE(Decoded(FileRecord(AA_READ).fd(0xFFFFFFFF).bytes()).event.file.fd);
  for (const std::int64_t number : {std::int64_t{0}, std::int64_t{-1}, INT64_MAX, INT64_MIN}) {
    CAPTURE(number);
    const Decoded it(FileRecord(AA_WRITE).size(number).offset(number).mark(AA_FILE_POSITIONED).bytes());
    REQUIRE(it.done);
    CHECK(it.event.file.size == number);
    CHECK(it.event.file.offset == number);
  }
}

TEST_CASE("decode file: an error that is none") {
  for (const aa_kind kind : kFileKinds) {
    CAPTURE(kind);
    for (const int error : {1, 4095, -4096, -2147483647 - 1, 2147483647})
      CHECK_FALSE(Decoded(FileRecord(kind).error(error).bytes()).done);
    for (const int error : {0, 1, 2, 4095}) CHECK(Decoded(FileRecord(kind).error(-error).bytes()).event.error == error);
  }
}

TEST_CASE("decode file: the totals of a descriptor") {
  struct Row {
    unsigned marks;
    bool closed, late, orphan;
  };
  for (const Row& row : {Row{0}, Row{AA_IO_CLOSED, true}, Row{AA_IO_LATE, false, true},
                         Row{AA_IO_CLOSED | AA_IO_LATE, true, true}, Row{AA_IO_ORPHAN, false, false, true}}) {
    const Decoded it(with_size(some_io(row.marks)));
    REQUIRE(it.done);
    check_common(it.event);
    CHECK(it.event.kind == AA_IO);
    CHECK(it.event.file.fd == 7);
    CHECK(it.event.io.generation == 4'700'000'007);
    CHECK(it.event.io.totals.reads == 301);
    CHECK(it.event.io.totals.read_bytes == 302);
    CHECK(it.event.io.totals.writes == 303);
    CHECK(it.event.io.totals.written_bytes == 304);
    CHECK(it.event.io.closed == row.closed);
    CHECK(it.event.io.late == row.late);
    CHECK(it.event.io.orphan == row.orphan);
    CHECK(it.event.file.path.state == Text::State::kAbsent);
  }
}

TEST_CASE("decode file: a result is no event of its own") {
  CHECK_FALSE(Decoded(some_result(1).bytes()).done);
  CHECK_FALSE(Decoded(FileRecord(AA_RESULT).path("/x").bytes()).done);
}

TEST_CASE("decode file: paths of every shape") {
  const std::string name_max(255, 'n');
  std::string deep;
  for (int i = 0; i < AA_PATH_DEPTH; i++) deep += "/c" + std::to_string(i);
  for (const std::string& path : {"/"s, "/a"s, "/a/b"s, "/ /\n/\xff"s, "/" + name_max + "/" + name_max, deep}) {
    CAPTURE(path);
    const Decoded it(FileRecord(AA_RENAME).path(path).new_path(path).bytes());
    REQUIRE(it.done);
    CHECK(it.event.file.path.bytes == path);
    CHECK(it.event.file.new_path.bytes == path);
  }
}

TEST_CASE("decode file: the greatest record") {
  const std::string longest = "/" + std::string(AA_PATH_MAX - 2, 'p');
  FileRecord record(AA_SYMLINK);
  record.path(longest).name(longest + "n").new_path(longest).new_name(longest + "m").text(longest + "t").root(longest);
  const Decoded it(record.bytes());
  REQUIRE(it.done);
  CHECK(it.event.file.path.bytes == longest);
  CHECK(it.event.file.name.bytes == longest + "n");
  CHECK(it.event.file.new_path.bytes == longest);
  CHECK(it.event.file.new_name.bytes == longest + "m");
  CHECK(it.event.file.text.bytes == longest + "t");
}

TEST_CASE("decode file: deleted files") {
  FileRecord record = FileRecord(AA_LINK).path("/a/b").new_path("/c");
  record.fixed.path.flags = AA_PATH_DELETED;
  const Decoded first(record.bytes());
  CHECK(first.event.file.path.bytes == "/a/b");
  CHECK(first.event.file.path.deleted);
  CHECK(first.event.file.new_path.bytes == "/c");
  CHECK_FALSE(first.event.file.new_path.deleted);
  record.fixed.new_path.flags = AA_PATH_DELETED;
  CHECK(Decoded(record.bytes()).event.file.new_path.deleted);
}

TEST_CASE("decode file: files without a path") {
  struct Row {
    std::string_view name;
    unsigned mode;
    std::string_view expected;
  };
  for (const Row& row :
       {Row{"", S_IFIFO | 0600, "pipe:[77]"}, Row{"", S_IFSOCK | 0777, "socket:[77]"},
        Row{"[eventfd]", 0600, "anon:[eventfd]"}, Row{"memfd:a b", S_IFREG | 0777, "memfd:a b"},
        Row{"net:", S_IFREG | 0444, "net:[77]"}, Row{"", S_IFREG, "anon:[]"}, Row{"x", S_IFDIR, "anon:[x]"}}) {
    for (const aa_kind kind : {AA_READ, AA_CLOSE, AA_CHMOD, AA_DESCRIPTOR}) {
      const Decoded it(FileRecord(kind).fd(4).detached_path(row.name, row.mode, 77).bytes());
      REQUIRE(it.done);
      CHECK(it.event.file.path.bytes == row.expected);
      CHECK_FALSE(it.event.file.lexical);
    }
  }
}

TEST_CASE("decode file: spans that do not lie in the record") {
  using Span = aa_span& (*)(aa_file&);
  const Span spans[] = {
      [](aa_file& f) -> aa_span& { return f.path.names; }, [](aa_file& f) -> aa_span& { return f.new_path.names; },
      [](aa_file& f) -> aa_span& { return f.name; },       [](aa_file& f) -> aa_span& { return f.new_name; },
      [](aa_file& f) -> aa_span& { return f.text; },       [](aa_file& f) -> aa_span& { return f.root.names; }};
  const FileRecord whole = full_record(AA_SYMLINK).root("/jail");
  REQUIRE(Decoded(whole.bytes()).done);
  const auto end = static_cast<__u16>(whole.bytes().size());
  for (const Span span : spans) {
    for (const aa_span& lie : {aa_span{0xFFFF, 0xFFFF}, aa_span{end, 1}, aa_span{static_cast<__u16>(end + 1), 0},
                               aa_span{1, end}, aa_span{0xFFFF, 1}}) {
      FileRecord record = whole;
      span(record.fixed) = lie;
      CHECK_FALSE(Decoded(record.bytes()).done);
    }
  }
}

TEST_CASE("decode file: places that do not exist are the file's own") {
  for (const int place : {3, 17, 255}) {
    FileRecord record = FileRecord(AA_UNLINK).path("/x").name("n");
    record.fixed.place = static_cast<__u8>(place);
    const Decoded it(record.bytes());
    REQUIRE(it.done);
    CHECK(it.event.file.path.bytes == "/x");
    CHECK_FALSE(it.event.file.lexical);
  }
}

TEST_CASE("decode file: a decoder keeps nothing of the record before") {
  Decoder decoder;
  Event event;
  FileRecord full = full_record(AA_XATTR).root("/jail").flags(AA_COMPAT | AA_URING | AA_UNASKED).error(-13);
  full.mark(AA_FILE_CREATED | AA_FILE_REMOVED | AA_FILE_NO_RESULT).cut(AA_FILE_TEXT);
  const Exact before(full.bytes()), totals(with_size(some_io(AA_IO_CLOSED | AA_IO_LATE))),
      plain(FileRecord(AA_CLOSE).bytes());
  REQUIRE(decoder.decode(before.span(), event));
  REQUIRE(decoder.decode(totals.span(), event));
  CHECK(event.error == 0);
  CHECK(event.file.path.state == Text::State::kAbsent);
  REQUIRE(decoder.decode(plain.span(), event));
  CHECK_FALSE(event.file.fd);
  CHECK_FALSE(event.file.offset);
  CHECK(event.file.text.state == Text::State::kAbsent);
  CHECK(event.file.new_path.state == Text::State::kAbsent);
  CHECK(event.io.totals.reads == 0);
  CHECK(event.io.generation == 0);
  for (const bool mark : {event.file.created, event.file.removed, event.file.no_result, event.file.lexical,
                          event.io.closed, event.io.late, event.compat, event.via_uring, !event.asked})
    CHECK_FALSE(mark);
}

}  // namespace
}  // namespace aa::test
