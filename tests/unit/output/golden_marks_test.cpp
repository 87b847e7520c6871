// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What any file event may carry: marks, names as asked for, and word of what is missing.
#include <doctest/doctest.h>
#include <fcntl.h>

#include <cerrno>

#include "unit/output/golden.hpp"
#include "unit/output/lines.hpp"

namespace aa::test {
namespace {

const FileLine kMarked[] = {
    {AA_UNLINK,
     [](Event& e) {
       e.compat = e.via_uring = e.file.lexical = true;
       e.file.name = Text::of("./f");
     },
     R"(compat=true via=io_uring lexical=true path="/d/f" name="./f")",
     R"("compat":true,"via":"io_uring","lexical":true,"path":"/d/f","name":"./f")"},
    {AA_RENAME,
     [](Event& e) {
       e.file.lexical = true;
       e.file.name = Text::of("f");
       e.file.new_path = Text::of("/d/g");
       e.file.new_name = Text::of("g");
     },
     R"(lexical=true path="/d/f" name="f" new_path="/d/g" new_name="g")",
     R"("lexical":true,"path":"/d/f","name":"f","new_path":"/d/g","new_name":"g")"},
    {AA_RENAME,
     [](Event& e) {
       e.file.lexical = true;
       e.file.path = e.file.new_path = e.file.new_name = Text::unreadable();
     },
     R"(lexical=true unreadable=path,new_path,new_name)",
     R"("lexical":true,"unreadable":["path","new_path","new_name"])"},
    {AA_OPEN,
     [](Event& e) {
       e.file.fd = 3;
       e.file.name = Text::unreadable();
     },
     R"(fd=3 flags=O_RDONLY unreadable=name path="/d/f")",
     R"("fd":3,"flags":"O_RDONLY","unreadable":["name"],"path":"/d/f")"},
    {AA_OPEN,
     [](Event& e) {
       e.error = 2;
       e.file.flags_unreadable = e.file.lexical = true;
       e.file.name = Text::unreadable();
     },
     R"(error=ENOENT lexical=true unreadable=name,flags path="/d/f")",
     R"("error":"ENOENT","lexical":true,"unreadable":["name","flags"],"path":"/d/f")"},
    {AA_SYMLINK, [](Event& e) { e.file.text = Text::unreadable(); }, R"(unreadable=target path="/d/f")",
     R"("unreadable":["target"],"path":"/d/f")"},
    {AA_XATTR,
     [](Event& e) {
       e.file.text = e.file.name = Text::unreadable();
       e.file.removed = true;
     },
     R"(removed=true unreadable=name,filename path="/d/f")",
     R"("removed":true,"unreadable":["name","filename"],"path":"/d/f")"},
    {AA_MKDIR,
     [](Event& e) {
       e.file.mode = 0700;
       e.via_uring = e.file.no_result = e.file.lexical = true;
     },
     R"(mode=0700 via=io_uring lexical=true unreadable=error path="/d/f")",
     R"("mode":"0700","via":"io_uring","lexical":true,"unreadable":["error"],"path":"/d/f")"},
    {AA_MKDIR,
     [](Event& e) {
       e.file.mode = 0700;
       e.file.lexical = e.file.unverified = e.file.doubtful = true;
     },
     R"(mode=0700 lexical=true doubtful=true unverified=true path="/d/f")",
     R"("mode":"0700","lexical":true,"doubtful":true,"unverified":true,"path":"/d/f")"},
    {AA_MMAP, [](Event& e) { e.file.arguments_unreadable = true; }, R"(unreadable=fd,length path="/d/f")",
     R"("unreadable":["fd","length"],"path":"/d/f")"},
    {AA_READ, [](Event& e) { e.file.offset_unreadable = true; }, R"(bytes=0 unreadable=offset path="/d/f")",
     R"("bytes":0,"unreadable":["offset"],"path":"/d/f")"},
    {AA_OPEN,
     [](Event& e) {
       e.file.flags = O_WRONLY | O_CREAT;
       e.file.flags_truncated = true;
     },
     R"(flags=O_WRONLY|O_CREAT flags_truncated=true unreadable=mode path="/d/f")",
     R"("flags":"O_WRONLY|O_CREAT","flags_truncated":true,"unreadable":["mode"],"path":"/d/f")"},
    {AA_OPEN,
     [](Event& e) {
       e.error = EINVAL;
       e.file.flags = O_WRONLY | O_CREAT | O_DIRECT;
       e.file.mode = 0600;
     },
     R"(error=EINVAL flags=O_WRONLY|O_CREAT|O_DIRECT mode=0600 unreadable=created path="/d/f")",
     R"("error":"EINVAL","flags":"O_WRONLY|O_CREAT|O_DIRECT","mode":"0600","unreadable":["created"],"path":"/d/f")"},
    {AA_OPEN,
     [](Event& e) {
       e.error = EINVAL;
       e.file.flags = O_WRONLY | O_CREAT | O_DIRECT;
       e.file.mode = 0600;
       e.file.created = true;
     },
     R"(error=EINVAL flags=O_WRONLY|O_CREAT|O_DIRECT mode=0600 created=true path="/d/f")",
     R"("error":"EINVAL","flags":"O_WRONLY|O_CREAT|O_DIRECT","mode":"0600","created":true,"path":"/d/f")"},
    {AA_OPEN,
     [](Event& e) {
       e.error = EINVAL;
       e.file.flags = O_WRONLY | O_CREAT | O_DIRECT;
       e.file.mode = 0600;
       e.file.not_created = true;
     },
     R"(error=EINVAL flags=O_WRONLY|O_CREAT|O_DIRECT mode=0600 path="/d/f")",
     R"("error":"EINVAL","flags":"O_WRONLY|O_CREAT|O_DIRECT","mode":"0600","path":"/d/f")"},
    {AA_LINK,
     [](Event& e) {
       e.file.path.truncated = true;
       e.file.name = Text::of("f");
       e.file.name.truncated = true;
       e.file.new_path = Text::of("/d/g");
       e.file.new_path.truncated = true;
       e.file.new_name = Text::of("g");
       e.file.new_name.truncated = true;
     },
     R"(path="/d/f" path_truncated=true name="f" name_truncated=true)"
     R"( new_path="/d/g" new_path_truncated=true new_name="g" new_name_truncated=true)",
     R"("path":"/d/f","path_truncated":true,"name":"f","name_truncated":true,)"
     R"("new_path":"/d/g","new_path_truncated":true,"new_name":"g","new_name_truncated":true)"},
    {AA_LINK,
     [](Event& e) {
       e.file.path.deleted = true;
       e.file.new_path = Text::of("/d/g (deleted)");
       e.file.new_path.deleted = true;
     },
     R"~(path="/d/f" deleted=true new_path="/d/g (deleted)" new_path_deleted=true)~",
     R"~("path":"/d/f","deleted":true,"new_path":"/d/g (deleted)","new_path_deleted":true)~"},
    {AA_SYMLINK,
     [](Event& e) {
       e.file.text = Text::of("t");
       e.file.text.truncated = true;
     },
     R"(target="t" target_truncated=true path="/d/f")", R"("target":"t","target_truncated":true,"path":"/d/f")"},
    {AA_UNLINK, [](Event& e) { e.file.name = Text::of(""); }, R"(path="/d/f" name="")", R"("path":"/d/f","name":"")"},
    // a file of an io_uring's own table has no descriptor of the process
    {AA_READ,
     [](Event& e) {
       e.file.fd = AA_FD_FIXED | 5;
       e.file.size = 1;
       e.via_uring = true;
     },
     R"(bytes=1 via=io_uring path="/d/f")", R"("bytes":1,"via":"io_uring","path":"/d/f")"},
    {AA_CLOSE,
     [](Event& e) {
       e.file.fd = 3;
       e.file.path = Text::of("pipe:[77]");
     },
     R"(fd=3 path="pipe:[77]")", R"("fd":3,"path":"pipe:[77]")"},
    {AA_IO,
     [](Event& e) {
       e.file.fd = 3;
       e.io.totals = {.reads = 1, .read_bytes = 2, .writes = 3, .written_bytes = 4};
       e.io.closed = true;
       e.file.path = Text::unreadable();
     },
     R"(fd=3 reads=1 read_bytes=2 writes=3 written_bytes=4 closed=true unreadable=path)",
     R"("fd":3,"reads":1,"read_bytes":2,"writes":3,"written_bytes":4,"closed":true,"unreadable":["path"])"},
};

TEST_CASE("golden marks: marks, names and what is missing") {
  for (const FileLine& row : kMarked) check_line(row);
  CHECK(std::size(kMarked) == 22);
}

TEST_CASE("golden marks: an executable that is not known") {
  Event event = some_event(AA_UNLINK);
  event.exe = event.file.path = Text::unreadable();
  CHECK(text_line(event) == text("unlink", " unreadable=path"));
  CHECK(json_rest(event) == json("unlink", R"(,"unreadable":["path","exe"])"));
}

TEST_CASE("golden marks: bytes that are no UTF-8") {
  Event event = some_event(AA_RENAME);
  event.file.path = Text::of("/d/\xff");
  event.file.new_path = Text::of("/d/a\nb");
  event.file.new_path.truncated = true;
  CHECK(text_line(event) == text("rename", R"( path="/d/\xff" new_path="/d/a\nb" new_path_truncated=true)"));
  CHECK(json_rest(event) == json("rename",
                                 ",\"exe\":\"/usr/bin/bash\",\"path\":\"/d/\uFFFD\",\"path_raw\":\"L2Qv/w==\","
                                 R"("new_path":"/d/a\nb","new_path_truncated":true)"));
}

}  // namespace
}  // namespace aa::test
