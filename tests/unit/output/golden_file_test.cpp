// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The lines of file events as the contract has them, key by key and in their order.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include "event/kinds.hpp"
#include "unit/output/golden.hpp"
#include "unit/output/lines.hpp"

namespace aa::test {
namespace {

void fill_totals(Event& event) {
  event.file.fd = 3;
  event.io.totals = {.reads = 1, .read_bytes = 4096, .writes = 2, .written_bytes = 10'000'000'000};
}

void fill_owner(Event& event, std::uint32_t uid, std::uint32_t gid) {
  event.file.new_uid = uid;
  event.file.new_gid = gid;
}

void fill_mode(Event& event, std::uint32_t mode) { event.file.mode = mode; }

const FileLine kSucceeded[] = {
    {AA_OPEN, [](Event& e) { e.file.fd = 3; }, R"(fd=3 flags=O_RDONLY path="/d/f")",
     R"("fd":3,"flags":"O_RDONLY","path":"/d/f")"},
    {AA_OPEN,
     [](Event& e) {
       e.file.fd = 0;
       e.file.flags = 01101;
       e.file.mode = 0644;
       e.file.created = true;
     },
     R"(fd=0 flags=O_WRONLY|O_CREAT|O_TRUNC mode=0644 created=true path="/d/f")",
     R"("fd":0,"flags":"O_WRONLY|O_CREAT|O_TRUNC","mode":"0644","created":true,"path":"/d/f")"},
    // what the caller passed as a mode that nobody uses is not told
    {AA_OPEN,
     [](Event& e) {
       e.file.fd = 3;
       e.file.mode = 0644;
     },
     R"(fd=3 flags=O_RDONLY path="/d/f")", R"("fd":3,"flags":"O_RDONLY","path":"/d/f")"},
    {AA_IO, fill_totals, R"(fd=3 reads=1 read_bytes=4096 writes=2 written_bytes=10000000000 path="/d/f")",
     R"("fd":3,"reads":1,"read_bytes":4096,"writes":2,"written_bytes":10000000000,"path":"/d/f")"},
    {AA_IO,
     [](Event& e) {
       fill_totals(e);
       e.io.closed = true;
     },
     R"(fd=3 reads=1 read_bytes=4096 writes=2 written_bytes=10000000000 closed=true path="/d/f")",
     R"("fd":3,"reads":1,"read_bytes":4096,"writes":2,"written_bytes":10000000000,"closed":true,"path":"/d/f")"},
    {AA_READ,
     [](Event& e) {
       e.file.fd = 3;
       e.file.size = 0;
     },
     R"(fd=3 bytes=0 path="/d/f")", R"("fd":3,"bytes":0,"path":"/d/f")"},
    {AA_WRITE,
     [](Event& e) {
       e.file.fd = 3;
       e.file.size = 5'000'000'000;
       e.file.offset = 0;
     },
     R"(fd=3 bytes=5000000000 offset=0 path="/d/f")", R"("fd":3,"bytes":5000000000,"offset":0,"path":"/d/f")"},
    {AA_CLOSE, [](Event& e) { e.file.fd = 3; }, R"(fd=3 path="/d/f")", R"("fd":3,"path":"/d/f")"},
    {AA_MMAP,
     [](Event& e) {
       e.file.fd = 3;
       e.file.size = 4096;
       e.file.flags = 1;
       e.file.mode = 3;
     },
     R"(fd=3 length=4096 path="/d/f")", R"("fd":3,"length":4096,"path":"/d/f")"},
    {AA_UNLINK, [](Event&) {}, R"(path="/d/f")", R"("path":"/d/f")"},
    {AA_RMDIR, [](Event& e) { e.file.flags = 0x200; }, R"(path="/d/f")", R"("path":"/d/f")"},
    {AA_MKDIR, [](Event& e) { fill_mode(e, 0755); }, R"(mode=0755 path="/d/f")", R"("mode":"0755","path":"/d/f")"},
    {AA_MKNOD, [](Event& e) { fill_mode(e, S_IFIFO | 0600); }, R"(mode=010600 path="/d/f")",
     R"("mode":"010600","path":"/d/f")"},
    {AA_RENAME, [](Event& e) { e.file.new_path = Text::of("/d/g"); }, R"(path="/d/f" new_path="/d/g")",
     R"("path":"/d/f","new_path":"/d/g")"},
    {AA_RENAME,
     [](Event& e) {
       e.file.flags = 2;
       e.file.new_path = Text::of("/d/g");
     },
     R"(flags=RENAME_EXCHANGE path="/d/f" new_path="/d/g")",
     R"("flags":"RENAME_EXCHANGE","path":"/d/f","new_path":"/d/g")"},
    {AA_LINK, [](Event& e) { e.file.new_path = Text::of("/d/g"); }, R"(path="/d/f" new_path="/d/g")",
     R"("path":"/d/f","new_path":"/d/g")"},
    {AA_SYMLINK, [](Event& e) { e.file.text = Text::of("../to"); }, R"(target="../to" path="/d/f")",
     R"("target":"../to","path":"/d/f")"},
    {AA_CHMOD, [](Event& e) { fill_mode(e, 04755); }, R"(mode=04755 path="/d/f")", R"("mode":"04755","path":"/d/f")"},
    {AA_CHMOD,
     [](Event& e) {
       fill_mode(e, 0);
       e.file.fd = 3;
     },
     R"(fd=3 mode=0000 path="/d/f")", R"("fd":3,"mode":"0000","path":"/d/f")"},
    {AA_CHOWN, [](Event& e) { fill_owner(e, 0, 5); }, R"(new_uid=0 new_gid=5 path="/d/f")",
     R"("new_uid":0,"new_gid":5,"path":"/d/f")"},
    {AA_CHOWN, [](Event& e) { fill_owner(e, FilePart::kUnchanged, 5); }, R"(new_gid=5 path="/d/f")",
     R"("new_gid":5,"path":"/d/f")"},
    {AA_CHOWN, [](Event& e) { fill_owner(e, 5, FilePart::kUnchanged); }, R"(new_uid=5 path="/d/f")",
     R"("new_uid":5,"path":"/d/f")"},
    {AA_CHOWN, [](Event& e) { fill_owner(e, FilePart::kUnchanged, FilePart::kUnchanged); }, R"(path="/d/f")",
     R"("path":"/d/f")"},
    {AA_TRUNCATE, [](Event& e) { e.file.size = 10'000'000'000; }, R"(size=10000000000 path="/d/f")",
     R"("size":10000000000,"path":"/d/f")"},
    {AA_TRUNCATE,
     [](Event& e) {
       e.file.fd = 3;
       e.file.size = 100;
       e.file.flags = 3;
     },
     R"(fd=3 size=100 flags=FALLOC_FL_KEEP_SIZE|FALLOC_FL_PUNCH_HOLE path="/d/f")",
     R"("fd":3,"size":100,"flags":"FALLOC_FL_KEEP_SIZE|FALLOC_FL_PUNCH_HOLE","path":"/d/f")"},
    {AA_UTIME, [](Event& e) { e.file.flags = 0x100; }, R"(path="/d/f")", R"("path":"/d/f")"},
    {AA_XATTR, [](Event& e) { e.file.text = Text::of("user.x"); }, R"(name="user.x" path="/d/f")",
     R"("name":"user.x","path":"/d/f")"},
    {AA_XATTR,
     [](Event& e) {
       e.file.text = Text::of("user.x");
       e.file.removed = true;
     },
     R"(removed=true name="user.x" path="/d/f")", R"("removed":true,"name":"user.x","path":"/d/f")"},
};

TEST_CASE("golden file: each event that succeeded") {
  KindSet seen = 0;
  for (const FileLine& row : kSucceeded) {
    check_line(row);
    seen |= kind_bit(row.kind);
  }
  CHECK(seen == (parse_kinds("all")->all() & ~parse_kinds("process")->all()));
}

void fail(Event& event, int error) {
  event.error = error;
  event.file.lexical = true;
}

const FileLine kFailed[] = {
    {AA_OPEN, [](Event& e) { fail(e, 2); }, R"(error=ENOENT flags=O_RDONLY lexical=true path="/d/f")",
     R"("error":"ENOENT","flags":"O_RDONLY","lexical":true,"path":"/d/f")"},
    {AA_OPEN,
     [](Event& e) {
       fail(e, 13);
       e.file.flags = 0101;
       e.file.mode = 0600;
     },
     R"(error=EACCES flags=O_WRONLY|O_CREAT mode=0600 lexical=true path="/d/f")",
     R"("error":"EACCES","flags":"O_WRONLY|O_CREAT","mode":"0600","lexical":true,"path":"/d/f")"},
    {AA_READ,
     [](Event& e) {
       e.error = 21;
       e.file.fd = 3;
       e.file.size = -21;
       e.file.offset = 7;
     },
     R"(fd=3 error=EISDIR offset=7 path="/d/f")", R"("fd":3,"error":"EISDIR","offset":7,"path":"/d/f")"},
    {AA_WRITE,
     [](Event& e) {
       e.error = 9;
       e.file.fd = 99;
       e.file.path = {};
     },
     R"(fd=99 error=EBADF)", R"("fd":99,"error":"EBADF")"},
    {AA_UNLINK, [](Event& e) { fail(e, 4094); }, R"(error=4094 lexical=true path="/d/f")",
     R"("error":"4094","lexical":true,"path":"/d/f")"},
    {AA_UNLINK, [](Event& e) { fail(e, AA_REFUSED); }, R"(error=SECCOMP lexical=true path="/d/f")",
     R"("error":"SECCOMP","lexical":true,"path":"/d/f")"},
    {AA_RMDIR, [](Event& e) { fail(e, 39); }, R"(error=ENOTEMPTY lexical=true path="/d/f")",
     R"("error":"ENOTEMPTY","lexical":true,"path":"/d/f")"},
    {AA_MKDIR,
     [](Event& e) {
       fail(e, 17);
       fill_mode(e, 0777);
     },
     R"(error=EEXIST mode=0777 lexical=true path="/d/f")",
     R"("error":"EEXIST","mode":"0777","lexical":true,"path":"/d/f")"},
    {AA_RENAME,
     [](Event& e) {
       fail(e, 18);
       e.file.flags = 1;
       e.file.new_path = Text::of("/e/g");
     },
     R"(error=EXDEV flags=RENAME_NOREPLACE lexical=true path="/d/f" new_path="/e/g")",
     R"("error":"EXDEV","flags":"RENAME_NOREPLACE","lexical":true,"path":"/d/f","new_path":"/e/g")"},
    {AA_SYMLINK,
     [](Event& e) {
       fail(e, 36);
       e.file.text = Text::of("to");
     },
     R"(error=ENAMETOOLONG lexical=true target="to" path="/d/f")",
     R"("error":"ENAMETOOLONG","lexical":true,"target":"to","path":"/d/f")"},
    {AA_CHMOD,
     [](Event& e) {
       e.error = 1;
       e.file.fd = 3;
       fill_mode(e, 0600);
     },
     R"(fd=3 error=EPERM mode=0600 path="/d/f")", R"("fd":3,"error":"EPERM","mode":"0600","path":"/d/f")"},
    {AA_CHOWN,
     [](Event& e) {
       fail(e, 1);
       fill_owner(e, 7, 8);
     },
     R"(error=EPERM new_uid=7 new_gid=8 lexical=true path="/d/f")",
     R"("error":"EPERM","new_uid":7,"new_gid":8,"lexical":true,"path":"/d/f")"},
    {AA_TRUNCATE,
     [](Event& e) {
       fail(e, 22);
       e.file.size = -1;
     },
     R"(error=EINVAL size=-1 lexical=true path="/d/f")", R"("error":"EINVAL","size":-1,"lexical":true,"path":"/d/f")"},
    {AA_XATTR,
     [](Event& e) {
       fail(e, 95);
       e.file.text = Text::of("user.x");
       e.file.name = Text::of("f");
     },
     R"(error=EOPNOTSUPP lexical=true name="user.x" path="/d/f" filename="f")",
     R"("error":"EOPNOTSUPP","lexical":true,"name":"user.x","path":"/d/f","filename":"f")"},
};

TEST_CASE("golden file: events that failed") {
  for (const FileLine& row : kFailed) check_line(row);
  CHECK(std::size(kFailed) == 14);
}

TEST_CASE("golden file: color") {
  for (const FileLine& row : kFailed) {
    const std::string colored = text_line(event_of(row), true);
    CHECK(colored.find("\x1b[31m") != std::string::npos);  // the error
    CHECK(colored.find("\x1b[1m" + std::string(event_name(row.kind)) + "\x1b[0m") != std::string::npos);
  }
}

TEST_CASE("golden: which file it is") {
  check_line({AA_IO,
              [](Event& event) {
                event.file.fd = 3;
                event.file.id = FileId{.major = 259, .minor = 1'048'575, .inode = ~0ULL};
              },
              R"(fd=3 reads=0 read_bytes=0 writes=0 written_bytes=0 path="/d/f")",
              R"("dev":"259:1048575","inode":18446744073709551615,"fd":3,"reads":0,"read_bytes":0,"writes":0,)"
              R"("written_bytes":0,"path":"/d/f")"});
}

}  // namespace
}  // namespace aa::test
