// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Requests of io_uring and their results, put together.
#include "event/uring_pairs.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>

#include "event/decode.hpp"
#include "unit/event/records.hpp"

namespace aa::test {
namespace {

// Requests before a decoder, as the tracer has them.
class Reader {
 public:
  // The event of what comes out; nothing while a result is awaited.
  std::optional<Event> read(const Bytes& bytes) {
    record_ = std::make_unique<Exact>(bytes);
    const auto whole = uring_pairs_.put_together(record_->span());
    if (!whole) return std::nullopt;
    Event event;
    REQUIRE(decoder_.decode(*whole, event));
    return event;
  }
  bool passes(const Bytes& bytes) {
    const Exact record(bytes);
    const auto whole = uring_pairs_.put_together(record.span());
    return whole && whole->data() == record.span().data() && whole->size() == bytes.size();
  }
  std::size_t waiting() const { return uring_pairs_.waiting(); }
  const UringPairs& uring_pairs() const { return uring_pairs_; }

 private:
  std::unique_ptr<Exact> record_;
  UringPairs uring_pairs_;
  Decoder decoder_;
};

FileRecord some_open(std::int64_t address) {
  FileRecord record = some_request(AA_OPEN, address).directory("/home/me").name("f");
  record.fixed.flags = 0102;
  record.fixed.mode = 0600;
  return record;
}

// The event that a request and its result make.
Event both(Reader& reader, const FileRecord& request, const FileRecord& result) {
  CHECK_FALSE(reader.read(request.bytes()));
  const auto event = reader.read(result.bytes());
  REQUIRE(event);
  return *event;
}

TEST_CASE("requests: what is no request passes as it is") {
  Reader reader;
  CHECK(reader.passes(with_size(some_fork())));
  CHECK(reader.passes(with_size(some_exit(0))));
  CHECK(reader.passes(with_size(some_io())));
  CHECK(reader.passes(some_exec().bytes()));
  CHECK(reader.passes(FileRecord(AA_OPEN).path("/x").bytes()));
  CHECK(reader.passes(FileRecord(AA_OPEN).path("/x").mark(AA_FILE_PENDING).bytes()));
  // of io_uring, but complete
  CHECK(reader.passes(FileRecord(AA_READ).flags(AA_URING).fd(3).path("/x").bytes()));
  CHECK(reader.passes(FileRecord(AA_UNLINK).flags(AA_URING).mark(AA_FILE_NO_RESULT).name("/x").bytes()));
  CHECK(reader.waiting() == 0);
}

TEST_CASE("requests: a request and its result are one event") {
  Reader reader;
  FileRecord result = some_result(0x1000).error(-2);
  result.fixed.header.time = 6'000'000'000;
  result.fixed.header.tid = 999;
  result.fixed.header.uid = 888;
  std::memcpy(result.fixed.header.comm, "iou-wrk", 8);
  CHECK_FALSE(reader.read(some_open(0x1000).bytes()));
  const auto event = reader.read(result.bytes());
  REQUIRE(event);
  CHECK(reader.waiting() == 0);
  CHECK(event->kind == AA_OPEN);
  CHECK(event->via_uring);
  CHECK(event->error == 2);
  CHECK(event->time == 6'000'000'000);
  CHECK(event->tid == 999);
  // the rest is the request's
  CHECK(event->pid == 101);
  CHECK(event->uid == 104);
  CHECK(event->comm == "some-comm");
  CHECK(event->file.flags == 0102);
  CHECK(event->file.mode == 0600);
  CHECK(event->file.path.bytes == "/home/me/f");
  CHECK(event->file.name.bytes == "f");
  CHECK(event->file.lexical);
  CHECK_FALSE(event->file.created);
  CHECK_FALSE(event->file.fd);
  CHECK_FALSE(event->file.offset);
}

TEST_CASE("requests: a result that knows the file") {
  Reader reader;
  const Event event = both(reader, some_open(1), some_result(1).fd(9).mark(AA_FILE_CREATED).path("/mnt/real/f"));
  CHECK(event.error == 0);
  CHECK(event.file.fd == 9);
  CHECK(event.file.created);
  CHECK(event.file.path.bytes == "/mnt/real/f");
  CHECK(event.file.name.bytes == "f");
  CHECK_FALSE(event.file.lexical);
}

TEST_CASE("requests: the descriptor is the request's where the result has none") {
  Reader reader;
  const FileRecord request = some_request(AA_TRUNCATE, 1).fd(5).path("/f").size(42);
  CHECK(both(reader, request, some_result(1)).file.fd == 5);
  CHECK(both(reader, request, some_result(1).fd(6)).file.fd == 6);
  CHECK(both(reader, request, some_result(1)).file.size == 42);
}

TEST_CASE("requests: both names of a rename keep their places") {
  Reader reader;
  const FileRecord request =
      some_request(AA_RENAME, 1).directory("/d").name("a").new_directory("/e").new_name("b").root("/");
  const Event event = both(reader, request, some_result(1));
  CHECK(event.file.path.bytes == "/d/a");
  CHECK(event.file.new_path.bytes == "/e/b");
  const FileRecord xattr = some_request(AA_XATTR, 2).fd(AA_FD_FIXED | 3).text("user.x");
  const Event attribute = both(reader, xattr, some_result(2).path("/f"));
  CHECK(attribute.file.text.bytes == "user.x");
  CHECK(attribute.file.path.bytes == "/f");
}

TEST_CASE("requests: several at a time, in any order") {
  Reader reader;
  const std::int64_t addresses[] = {1, 2, -1, 0};
  for (const std::int64_t address : addresses)
    CHECK_FALSE(reader.read(some_open(address).mark(AA_FILE_CREATED).size(address * 10).bytes()));
  CHECK(reader.waiting() == 4);
  for (const std::int64_t address : {-1, 2, 0, 1}) {
    const auto event = reader.read(some_result(address).bytes());
    REQUIRE(event);
    CHECK(event->file.size == address * 10);
  }
  CHECK(reader.waiting() == 0);
}

TEST_CASE("requests: a result that nobody waits for") {
  Reader reader;
  CHECK_FALSE(reader.read(some_result(1).bytes()));
  both(reader, some_open(1), some_result(1));
  CHECK_FALSE(reader.read(some_result(1).bytes()));
  CHECK_FALSE(reader.read(some_open(2).bytes()));
  CHECK_FALSE(reader.read(some_result(3).bytes()));
  CHECK(reader.waiting() == 1);
}

TEST_CASE("requests: a later one at the same address takes the place") {
  Reader reader;
  reader.read(some_open(1).bytes());
  const Event event = both(reader, some_request(AA_UNLINK, 1).directory("/d").name("x"), some_result(1));
  CHECK(event.kind == AA_UNLINK);
  CHECK(event.file.path.bytes == "/d/x");
}

struct MarkRow {
  unsigned request_cut, request_unreadable, result_cut, result_unreadable;
  bool with_file;
  const char* path;  // null: unreadable
  bool path_truncated, name_truncated;
};

TEST_CASE("requests: marks go with the string that they belong to") {
  constexpr unsigned kPath = 1 << AA_FILE_PATH, kName = 1 << AA_FILE_NAME, kRest = 0xFF & ~(kPath | kName);
  const MarkRow rows[] = {
      {0, 0, 0, 0, true, "/real/f", false, false},
      {0, 0, kPath, 0, true, "/real/f", true, false},
      {0, 0, 0, kPath, true, nullptr, false, false},
      {kPath, 0, 0, 0, true, "/real/f", false, false},
      {0, kPath, 0, 0, true, "/real/f", false, false},
      {kName, 0, 0, 0, true, "/real/f", false, true},
      // those of other strings are not the result's to say
      {0, 0, kName | kRest, kName | kRest, true, "/real/f", false, false},
      {0, 0, kPath, kPath, false, "/home/me/f", false, false},
      {0, kPath, 0, 0, false, nullptr, false, false},
      {kName, 0, 0, 0, false, "/home/me/f", true, true},
  };
  for (const MarkRow& row : rows) {
    FileRecord request = some_open(1), result = some_result(1);
    if (row.with_file) result.path("/real/f");
    request.fixed.header.cut = static_cast<__u8>(row.request_cut);
    request.fixed.header.unreadable = static_cast<__u8>(row.request_unreadable);
    result.fixed.header.cut = static_cast<__u8>(row.result_cut);
    result.fixed.header.unreadable = static_cast<__u8>(row.result_unreadable);
    Reader reader;
    const Event event = both(reader, request, result);
    CHECK(event.file.path.state == (row.path ? Text::State::kPresent : Text::State::kUnreadable));
    CHECK(event.file.path.bytes == (row.path ? row.path : ""));
    CHECK(event.file.path.truncated == row.path_truncated);
    CHECK(event.file.name.bytes == "f");
    CHECK(event.file.name.truncated == row.name_truncated);
  }
}

struct DoubtRow {
  std::string root, directory, name, found;
  bool taken;
};

TEST_CASE("requests: a file that may be another one is in doubt where it has not the path that was asked for") {
  const DoubtRow rows[] = {
      {"", "/home/me", "f", "/home/me/f", true},           {"", "/home/me", "../f", "/home/f", true},
      {"", "/home/me", "/etc/x", "/etc/x", true},          {"", "/home/me", "f", "/home/me/g", false},
      {"", "/home/me", "f", "/mnt/real/f", false},         {"/jail", "/jail/d", "../f", "/jail/f", true},
      {"/jail", "/jail/d", "../../../f", "/jail/f", true}, {"/jail", "/jail/d", "/f", "/f", false},
      {"/jail", "/jail/d", "/f", "/jail/f", true},
  };
  for (const DoubtRow& row : rows) {
    CAPTURE(row.name);
    CAPTURE(row.found);
    FileRecord request = some_request(AA_OPEN, 1).directory(row.directory).name(row.name);
    if (!row.root.empty()) request.root(row.root);
    Reader reader;
    const FileRecord result = some_result(1).path(row.found).mark(AA_FILE_DOUBTFUL | AA_FILE_CREATED);
    const Event event = both(reader, request, result);
    CHECK(event.file.created == row.taken);
    CHECK(event.file.doubtful == !row.taken);
    CHECK_FALSE(event.file.lexical);
    CHECK(event.file.path.bytes == row.found);
  }
}

TEST_CASE("requests: a file that may be another one is in doubt where it has no name any more") {
  Reader reader;
  FileRecord result = some_result(1).path("/home/me/f").mark(AA_FILE_DOUBTFUL | AA_FILE_CREATED);
  result.fixed.path.flags = AA_PATH_DELETED;
  CHECK(both(reader, some_request(AA_OPEN, 1).directory("/home/me").name("f"), result).file.doubtful);
}

TEST_CASE("requests: a file that may be another one is in doubt where something could not be read") {
  for (const aa_file_string string : {AA_FILE_PATH, AA_FILE_NAME, AA_FILE_ROOT}) {
    Reader reader;
    CHECK(both(reader, some_open(1).root("/").unreadable(string),
               some_result(1).path("/home/me/f").mark(AA_FILE_DOUBTFUL))
              .file.doubtful);
  }
  Reader reader;
  CHECK_FALSE(
      both(reader, some_open(1).root("/"), some_result(1).path("/home/me/f").mark(AA_FILE_DOUBTFUL)).file.doubtful);
  const FileRecord lost = some_result(1).path("/home/me/f").mark(AA_FILE_DOUBTFUL).unreadable(AA_FILE_PATH);
  const Event unreadable = both(reader, some_open(1), lost);
  CHECK(unreadable.file.path.state == Text::State::kUnreadable);
  CHECK(unreadable.file.doubtful);
}

TEST_CASE("requests: without a file there is no doubt about the name") {
  Reader reader;
  const Event event = both(reader, some_open(1), some_result(1).mark(AA_FILE_DOUBTFUL));
  CHECK(event.file.lexical);
  CHECK_FALSE(event.file.doubtful);
  CHECK(event.file.path.bytes == "/home/me/f");
}

TEST_CASE("requests: records whose size makes no sense pass to the decoder, which refuses them") {
  Decoder decoder;
  Event event;
  for (const FileRecord& record : {some_open(1), some_result(1).path("/f")}) {
    const Bytes whole = record.bytes();
    const auto size = static_cast<std::uint32_t>(whole.size());
    for (const std::uint32_t lie : {0u, 1u, 63u, 64u, 167u, size + 1, 65536u, ~0u}) {
      CAPTURE(lie);
      Bytes bytes = whole;
      std::memcpy(bytes.data(), &lie, sizeof lie);
      Reader reader;
      CHECK(reader.passes(bytes));
      CHECK(reader.waiting() == 0);
      CHECK_FALSE(decoder.decode(bytes, event));
    }
    for (std::size_t length = 0; length < sizeof(aa_file); length++)
      CHECK(Reader().passes(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length))));
  }
}

TEST_CASE("requests: bytes behind a record do not belong to it") {
  Bytes request = some_open(1).bytes(), result = some_result(1).path("/real/f").bytes();
  request.resize(request.size() + 7);
  result.resize(result.size() + 7);
  Reader reader;
  reader.read(request);
  CHECK(reader.read(result)->file.path.bytes == "/real/f");
}

TEST_CASE("requests: a result whose path lies elsewhere tells no path") {
  const auto end = static_cast<__u16>(some_result(1).path("/real/f").bytes().size());
  for (const aa_span& lie : {aa_span{0xFFFF, 0xFFFF}, aa_span{end, 1}, aa_span{200, 100}, aa_span{0, 0xFFFF}}) {
    FileRecord result = some_result(1).path("/real/f");
    result.fixed.path.names = lie;
    Bytes bytes = result.bytes();
    bytes.resize(bytes.size() + 8, std::byte{'/'});
    Reader reader;
    reader.read(some_open(1).bytes());
    const auto event = reader.read(bytes);
    REQUIRE(event);
    CHECK((event->file.path.bytes == "/home/me/f" && event->file.lexical));
  }
}

TEST_CASE("requests: the greatest request and the greatest result") {
  const std::string longest = "/" + std::string(AA_PATH_MAX - 2, 'p');
  FileRecord request = some_request(AA_RENAME, 1).directory(longest).name(longest).new_directory(longest);
  request.new_name(longest).root(longest).text(longest);
  Reader reader;
  const Event event = both(reader, request, some_result(1).path(longest));
  CHECK(event.file.path.bytes == longest);
  CHECK(event.file.new_path.bytes == longest + longest);
}

TEST_CASE("requests: what waits is bounded, and the oldest goes") {
  const std::string longest(AA_PATH_MAX - 1, 'n');
  const std::int64_t count = 10'000;
  Reader reader;
  for (std::int64_t address = 1; address <= count; address++) {
    CHECK_FALSE(reader.read(some_open(address).name(longest).bytes()));
    REQUIRE(reader.uring_pairs().bytes() <= UringPairs::kBytesMax);
  }
  CHECK(reader.uring_pairs().bytes() > UringPairs::kBytesMax - 2 * AA_PATH_MAX);
  const auto lost = static_cast<std::int64_t>(reader.uring_pairs().lost());
  CHECK(lost + static_cast<std::int64_t>(reader.waiting()) == count);
  CHECK(lost > count / 2);
  for (std::int64_t address = 1; address <= count; address++)
    REQUIRE(bool(reader.read(some_result(address).bytes())) == (address > lost));
  CHECK(reader.waiting() == 0);
  CHECK(reader.uring_pairs().bytes() == 0);
  CHECK(static_cast<std::int64_t>(reader.uring_pairs().lost()) == lost);
}

TEST_CASE("requests: one that waits for ever does not keep notes of all that come after it") {
  Reader reader;
  reader.read(some_open(0).bytes());
  for (std::int64_t i = 0; i < 100'000; i++) both(reader, some_open(1 + i % 3), some_result(1 + i % 3));
  CHECK(reader.waiting() == 1);
  CHECK(reader.uring_pairs().noted() < 2000);
  CHECK(reader.read(some_result(0).bytes()));
  CHECK(reader.uring_pairs().lost() == 0);
}

TEST_CASE("requests: a process that ended leaves nothing") {
  const auto exit_at = [](std::uint64_t time, std::uint64_t start) {
    aa_exit exit = some_exit(0);
    exit.header.time = time;
    exit.header.start = start;
    return with_size(exit);
  };
  const auto open_of = [](std::int64_t address, std::uint64_t start) {
    FileRecord record = some_open(address);
    record.fixed.header.start = start;
    return record.bytes();
  };
  constexpr std::uint64_t kEnd = 1'000'000'000, kStart = 77;
  Reader reader;
  for (int i = 0; i < 10; i++) reader.read(open_of(i, kStart));
  reader.read(open_of(10, kStart + 1));  // another process with that pid
  CHECK(reader.passes(exit_at(kEnd, kStart)));
  CHECK(reader.waiting() == 11);
  CHECK(reader.read(some_result(3).bytes()));  // the kernel cancels what is left
  CHECK(reader.passes(exit_at(kEnd + UringPairs::kEndedGrace, 5)));
  CHECK(reader.waiting() == 10);
  CHECK(reader.passes(exit_at(kEnd + UringPairs::kEndedGrace + UringPairs::kEndedEvery + 1, 6)));
  CHECK(reader.waiting() == 1);
  CHECK(reader.uring_pairs().lost() == 0);
  CHECK(reader.read(some_result(10).bytes()));
  CHECK(reader.uring_pairs().bytes() == 0);
}

TEST_CASE("requests: of the processes that end a bounded number is noted") {
  aa_exit exit = some_exit(0);
  Reader reader;
  reader.read(some_open(1).bytes());
  for (std::uint64_t i = 0; i < 3 * UringPairs::kEndedMax; i++) {
    exit.header.start = 1000 + i;
    REQUIRE(reader.passes(with_size(exit)));
  }
  CHECK(reader.uring_pairs().noted() <= UringPairs::kEndedMax + 2000);
}

}  // namespace
}  // namespace aa::test
