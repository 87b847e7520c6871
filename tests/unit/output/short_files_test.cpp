// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The format for people: what an open, and what became of the file, come to.
#include <doctest/doctest.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

#include "unit/output/short_trace.hpp"

namespace aa::test {

TEST_CASE("short: an open and all that went through it are one line, when it is closed") {
  Short trace;
  CHECK(trace(open_event("/place/a", 3)) == "");
  CHECK(trace(io_event("/place/a", 3, 100, 0, false)) == "");
  CHECK(trace(io_event("/place/a", 3, 5, 0)) == sized("< a", "105B"));
  CHECK(trace(open_event("/place/b", 3, O_WRONLY | O_CREAT, true)) == "");
  CHECK(trace(io_event("/place/b", 3, 0, 2048)) == sized("+ b", "2.0K"));
  CHECK(trace(open_event("/place/c", 3, O_WRONLY | O_TRUNC)) == "");
  CHECK(trace(io_event("/place/c", 3, 0, 7)) == sized("~ c", "7B"));
  // inherited, or from before the trace
  CHECK(trace(io_event("/place/d", 1, 0, 7)) == sized("~ d", "7B"));
  // nothing went through them
  CHECK(trace(open_event("/place/e", 3)) == "");
  CHECK(trace(open_event("/place/f", 4, O_WRONLY | O_TRUNC)) == "");
  CHECK(trace(open_event("/place/g", 5, O_WRONLY | O_CREAT | O_TRUNC, true)) == "");
  CHECK(trace(open_event("/place", 6, O_DIRECTORY)) == "");
  CHECK(trace(open_event("/place/h", 7, O_RDONLY | O_TRUNC)) == "");
  CHECK(trace(exit_event(0)) == line("< e") + sized("~ f", "0B") + line("+ g") + sized("~ h", "0B"));
}

TEST_CASE("short: a descriptor that a shell moves takes its file along") {
  Short trace;
  CHECK(trace(open_event("/place/a", 3, O_WRONLY | O_CREAT | O_TRUNC, true)) == "");
  CHECK(trace(open_event("/lib/x", 3)) == "");
  CHECK(trace(io_event("/place/a", 1, 0, 6)) == sized("+ a", "6B"));
  CHECK(trace(io_event("/lib/x", 3, 1, 0)) == sized("< /lib/x", "1B"));
  CHECK(trace(exit_event(0)) == "");
  // or to a child
  CHECK(trace(open_event("/place/b", 3, O_WRONLY | O_CREAT | O_TRUNC, true)) == "");
  Event child = io_event("/place/b", 1, 0, 6);
  child.ppid = child.pid;
  child.pid = 4300;
  child.depth = 1;
  CHECK(trace(child) == "   0.001   4300   + b" + std::string(80 - 21 - 2, ' ') + "6B\n");
  CHECK(trace(exit_event(0)) == "");
}

TEST_CASE("short: a file that loses its name while it is open is one line") {
  Short trace;
  Event opened = open_event("/place/a", 3, O_RDWR);
  opened.file.id = FileId{8, 1, 77};
  CHECK(trace(opened) == "");
  CHECK(trace(file_event(AA_UNLINK, "/place/a")) == line("- a"));
  Event io = io_event("/place/a", 3, 0, 100);
  io.file.path.deleted = true;
  io.file.id = FileId{8, 1, 77};
  CHECK(trace(io) == sized("~ a", "100B"));
  CHECK(trace(exit_event(0)) == "");
}

TEST_CASE("short: a number that a file has in a table of io_uring is no descriptor") {
  Short trace;
  CHECK(trace(io_event("/place/z", AA_FD_FIXED | 2, 0, 5, false)) == "");
  CHECK(trace(open_event("/place/a", 3)) == "");
  CHECK(trace(open_event("/place/b", 3)) == "");
  CHECK(trace(exit_event(0)) == line("< b") + sized("~ z", "5B") + line("< a"));
}

TEST_CASE("short: a line waits for a second at most, and there are bounds") {
  Short trace;
  const std::uint64_t now = kBegan + 1'520'999;
  CHECK(trace(open_event("/place/a", 3)) == "");
  CHECK(trace.after(now + 999 * kMs) == "");
  CHECK(trace.next == now + 1000 * kMs);
  CHECK(trace.after(now + 1000 * kMs) == line("< a"));
  CHECK(trace.next == 0);
  CHECK(trace(io_event("/place/a", 3, 9, 0)) == sized("< a", "9B"));
  std::size_t lines = 0;
  for (std::uint32_t fd = 0; fd < 10'000; fd++) {
    const std::string out = trace(open_event(("/place/" + std::to_string(fd)).c_str(), fd));
    lines += static_cast<std::size_t>(std::count(out.begin(), out.end(), '\n'));
  }
  CHECK(lines > 5'000);
}

namespace {

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

}  // namespace

TEST_CASE("short: an event costs no more where many files wait") {
  // of the fastest of several turns, since a processor is interrupted
  const auto cost = [](std::uint32_t files) {
    Short trace;
    for (std::uint32_t fd = 0; fd < files; fd++)
      trace(open_event(("/place/file-" + std::to_string(fd)).c_str(), fd, O_WRONLY | O_CREAT, true));
    double least = 1e9;
    for (int turn = 0; turn < 5; turn++) {
      const double before = cpu_seconds();
      for (int i = 0; i < 200; i++) CHECK(trace(file_event(AA_UNLINK, "/place/other")) != "");
      least = std::min(least, cpu_seconds() - before);
    }
    return least;
  };
  const double few = cost(4), many = cost(4096);
  MESSAGE("4096 files: ", many / few, " times as much");
  CHECK(many < 15 * few);  // 60 or more if all of them were looked at
}

TEST_CASE("short: a file that is looked for in several places is a line only if it is in none of them") {
  const auto miss = [](const char* path, int error = ENOENT) {
    Event event = open_event(path, 0);
    event.file.fd.reset();
    event.error = error;
    return event;
  };
  Short trace;
  CHECK(trace(miss("/a/x.h")) == "");
  CHECK(trace(miss("/b/x.h", ENOTDIR)) == "");
  CHECK(trace(open_event("/c/x.h", 3)) == "");
  CHECK(trace(io_event("/c/x.h", 3, 5, 0)) == sized("< /c/x.h", "5B"));
  CHECK(trace(miss("/a/y.h")) == "");
  CHECK(trace(miss("/a/z.h")) == "");
  CHECK(trace(miss("/b/y.h")) == "");
  CHECK(trace(miss("/b/y.h")) == "");
  // what another process finds is not this one's, and what was opened before is not what was looked for
  Event other = open_event("/c/y.h", 3);
  other.pid = 4300;
  CHECK(trace(other) == "");
  CHECK(trace(io_event("/c/w", 4, 5, 0)) == sized("< /c/w", "5B"));
  const std::string missing = line("! open /a/y.h  ENOENT (2 places)") + line("! open /a/z.h  ENOENT");
  CHECK(trace(open_event("/c/v", 4)) == missing);
  // not to be made is no search
  Event made = miss("/gone/f");
  made.file.flags = O_WRONLY | O_CREAT;
  CHECK(trace(made) == line("! open /gone/f  ENOENT"));
  CHECK(trace(miss("/a/w")) == "");
  CHECK(trace(exit_event(1)) == line("! open /a/w  ENOENT") + line("< /c/v") + line("= 1 bash"));
  CHECK(trace(miss("/a/u")) == "");
  CHECK(trace.after(kBegan + 2000 * kMs) == "   0.001   4300 < /c/y.h\n" + line("! open /a/u  ENOENT"));
  std::size_t lines = 0;
  for (int i = 0; i < 10'000; i++) {
    trace(miss(("/a/" + std::to_string(i)).c_str()));
    const std::string out = trace.after(0);
    lines += static_cast<std::size_t>(std::count(out.begin(), out.end(), '\n'));
  }
  CHECK(lines > 5'000);
}

TEST_CASE("short: what was made or changed stands before what became of it") {
  Short trace;
  // mkstemp(3), which writes nothing
  CHECK(trace(open_event("/place/tmp", 3, O_RDWR | O_CREAT | O_EXCL, true)) == "");
  CHECK(trace(open_event("/place/read", 4)) == "");
  Event as = open_event("/place/tmp", 3, O_WRONLY | O_TRUNC);
  as.pid = 4300;
  CHECK(trace(as) == "");
  Event io = io_event("/place/tmp", 3, 0, 7);
  io.pid = 4300;
  const std::string changed = "   0.001   4300 ~ tmp" + std::string(80 - 21 - 2, ' ') + "7B\n";
  CHECK(trace(io) == line("+ tmp") + changed);
  CHECK(trace(open_event("/place/new", 5, O_WRONLY | O_CREAT, true)) == "");
  CHECK(trace(file_event(AA_CHMOD, "/place/new")) == line("+ new") + line("m new 0000"));
  CHECK(trace(open_event("/place/b", 6, O_WRONLY | O_CREAT, true)) == "");
  Event rename = file_event(AA_RENAME, "/place/a");
  rename.file.new_path = Text::of("/place/b");
  CHECK(trace(rename) == line("+ b") + line("> a -> b"));
  // in the order of their times, not of their numbers
  Event late = open_event("/place/late", 2);
  late.time += 5 * kMs;
  CHECK(trace(late) == "");
  CHECK(trace(exit_event(0)) == line("< read") + line("< late").replace(7, 1, "6"));
}

TEST_CASE("short: a file that a process reads again is told again only if it was changed, or with an alert") {
  Short trace;
  const auto read_it = [&trace](const char* path = "/place/a", std::uint32_t pid = 4242) {
    Event open = open_event(path, 3), io = io_event(path, 3, 5, 0);
    open.pid = io.pid = pid;
    const std::string opened = trace(open);
    return opened + trace(io);
  };
  const std::string read = sized("< a", "5B");
  CHECK(read_it() == read);
  CHECK(read_it() == "");
  CHECK(read_it("/place/a", 4300) != "");
  CHECK(trace(file_event(AA_UTIME, "/place/a")) == line("m a times"));
  CHECK(read_it() == read);
  CHECK(trace(io_event("/place/a", 4, 0, 7)) == sized("~ a", "7B"));
  CHECK(read_it() == read);
  CHECK(read_it() == "");
  // through one descriptor, second after second
  CHECK(trace(io_event("/place/a", 5, 5, 0)) == read);
  Event io = io_event("/place/a", 3, 5, 0);
  const Alert alert{"sensitive", Level::kCritical, "/place/"};
  io.alerts = {&alert, 1};
  trace(open_event("/place/a", 3));
  CHECK(trace(io).ends_with("[critical sensitive]\n"));
  for (int i = 0; i < 10'000; i++) read_it(("/b/" + std::to_string(i)).c_str());
  CHECK(read_it("/b/9999") == "");
  CHECK(read_it("/b/0") != "");
  // long paths count for more
  const std::string deep = "/" + std::string(4000, 'd') + "/";
  for (int i = 0; i < 2'000; i++) read_it((deep + std::to_string(i)).c_str());
  CHECK(read_it((deep + "1999").c_str()) == "");
  CHECK(read_it((deep + "0").c_str()) != "");
}

TEST_CASE("short: what a process has read is news of another one that gets its number") {
  Short trace;
  Event opened = open_event("/a", 3), io = io_event("/a", 3, 5, 0);
  trace(opened);
  CHECK(trace(io) == sized("< /a", "5B"));
  trace(opened);
  CHECK(trace(io) == "");
  opened.start = ++io.start;
  trace(opened);
  CHECK(trace(io) == sized("< /a", "5B"));
}

TEST_CASE("short: what is written to nowhere is nothing") {
  Short trace({.tells_devices = true});
  CHECK(trace(open_event("/dev/null", 3, O_WRONLY | O_TRUNC)) == "");
  CHECK(trace(io_event("/dev/null", 1, 0, 7)) == "");
  CHECK(trace(exit_event(0)) == "");
  CHECK(trace(file_event(AA_UNLINK, "/dev/null")) == line("- /dev/null"));
}

// Whatever writes in other ways than write(2), or to a pipe or a device, has no io line.
TEST_CASE("short: what was opened for writing alone is a line, also where nothing tells of a write") {
  for (const bool only_changes : {false, true}) {
    Short trace({.only_changes = only_changes});
    CHECK(trace(open_event("/a", 3, O_WRONLY | O_APPEND)) == "");
    CHECK(trace(open_event("/fifo", 4, O_WRONLY)) == "");
    CHECK(trace(io_event("/a", 3, 0, 5)) == sized("~ /a", "5B"));
    CHECK(trace(exit_event(0)) == line("~ /fifo (opened for writing)"));
  }
}

TEST_CASE("short: a file that was opened for what is done to its attributes is one line") {
  Short trace;
  CHECK(trace(open_event("/a", 3, O_WRONLY | O_CREAT)) == "");
  CHECK(trace(file_event(AA_UTIME, "/a")) == line("m /a times"));
  CHECK(trace(exit_event(0)) == "");
}

TEST_CASE("short: what may have been written is told also of a file that gets another name") {
  Short trace;
  Event renamed = file_event(AA_RENAME, "/a");
  renamed.file.new_path = Text::of("/b");
  CHECK(trace(open_event("/a", 3, O_WRONLY)) == "");
  CHECK(trace(renamed) == line("> /a -> /b"));
  CHECK(trace(exit_event(0)) == line("~ /a (opened for writing)"));
}

TEST_CASE("short: what is written to a file that was mounted over /dev/null is a line") {
  Short trace;
  CHECK(trace(open_event("/dev/null", 3, O_WRONLY)) == "");
  CHECK(trace(io_event("/dev/null", 3, 0, 7)) == sized("~ /dev/null", "7B"));
}

TEST_CASE("short: another file under the same name is news, and the same one that was changed under another") {
  Short trace;
  const auto read = [&trace](const char* path, std::uint64_t inode) {
    Event opened = open_event(path, 3), io = io_event(path, 3, 5, 0);
    opened.file.id = io.file.id = FileId{8, 1, inode};
    CHECK(trace(opened) == "");
    return trace(io);
  };
  CHECK(read("/d/a", 1) == sized("< /d/a", "5B"));
  CHECK(read("/d/a", 1) == "");
  CHECK(read("/d/a", 2) == sized("< /d/a", "5B"));
  CHECK(read("/d/a", 1) == "");
  Event io = io_event("/link", 5, 0, 5);
  io.file.id = FileId{8, 1, 1};
  CHECK(trace(io) == sized("~ /link", "5B"));
  CHECK(read("/d/a", 1) == sized("< /d/a", "5B"));
}

TEST_CASE("short: paths that are not known whole are each news") {
  Short trace;
  for (int i = 0; i < 2; i++) {
    Event opened = open_event("", 3), io = io_event("", 3, 5, 0);
    opened.file.path = io.file.path = Text::unreadable();
    trace(opened);
    CHECK(trace(io) == sized("< (unreadable)", "5B"));
  }
}

TEST_CASE("short: a file that was opened to be read and changed, and was not changed") {
  const auto opened = [](ShortStyle style, std::uint32_t flags) {
    Short trace(std::move(style));
    trace(open_event("/a", 3, flags));
    return trace(exit_event(0));
  };
  CHECK(opened({.only_changes = true}, O_RDONLY) == "");
  CHECK(opened({}, O_RDWR) == line("< /a"));
  CHECK(opened({.only_changes = true}, O_RDWR) == "");
  CHECK(opened({.only_changes = true}, O_RDWR | O_TRUNC) == sized("~ /a", "0B"));
  Short trace;
  CHECK(trace(open_event("/a", 3, O_WRONLY)) == "");
  CHECK(trace(io_event("/a", 3, 0, 5)) == sized("~ /a", "5B"));
}

TEST_CASE("short: what was read through another descriptor is not taken for the one that writes") {
  Short trace;
  CHECK(trace(open_event("/a", 3, O_WRONLY)) == "");
  CHECK(trace(io_event("/a", 77, 11, 0)) == sized("< /a", "11B"));
  CHECK(trace(io_event("/a", 3, 11, 0)) == line("~ /a (opened for writing)") + sized("< /a", "11B"));
  CHECK(trace(open_event("/b", 4, O_RDONLY)) == "");
  CHECK(trace(io_event("/b", 78, 0, 11)) == sized("~ /b", "11B"));
}

TEST_CASE("short: the end of what was told before is no read") {
  Short trace;
  CHECK(trace(open_event("/a", 3, O_WRONLY | O_CREAT, true)) == "");
  CHECK(trace(io_event("/a", 3, 0, 1, false)) == "");
  CHECK(trace.after(kBegan + 5'000'000'000) == sized("+ /a", "1B"));
  CHECK(trace(io_event("/a", 3, 0, 0)) == "");
}

TEST_CASE("short: what a process has read is news again when it runs another program") {
  Short trace;
  Event io = io_event("/a", 3, 5, 0), opened = open_event("/a", 3);
  CHECK(trace(opened) == "");
  CHECK(trace(io) == sized("< /a", "5B"));
  io.exec_id = ++opened.exec_id;
  CHECK(trace(opened) == "");
  CHECK(trace(io) == sized("< /a", "5B"));
}

TEST_CASE("short: nothing is written by a write of nothing") {
  Short trace;
  Event io = io_event("/a", 3, 0, 0);
  io.io.totals.writes = 1;
  CHECK(trace(open_event("/a", 3, O_WRONLY)) == "");
  CHECK(trace(io) == line("~ /a (opened for writing)"));
}

}  // namespace aa::test
