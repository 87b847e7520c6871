// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The format for people: what each event, and a line, look like.
#include <doctest/doctest.h>
#include <linux/fs.h>

#include <cerrno>
#include <csignal>
#include <functional>

#include "unit/output/short_trace.hpp"

namespace aa::test {

TEST_CASE("short: each kind of event") {
  struct Row {
    aa_kind kind;
    std::function<void(Event&)> fill;
    std::string text;
  };
  const Row rows[] = {
      {AA_FORK, [](Event& e) { e.process.child_pid = 77; }, line("& 77")},
      {AA_UNLINK, [](Event&) {}, line("- f")},
      {AA_RMDIR, [](Event&) {}, line("- f/")},
      {AA_MKDIR, [](Event&) {}, line("+ f/")},
      {AA_MKNOD, [](Event&) {}, line("+ f")},
      {AA_RENAME, [](Event& e) { e.file.new_path = Text::of("/home/me/g"); }, line("> f -> ~/g")},
      {AA_LINK, [](Event& e) { e.file.new_path = Text::of("/tmp/g"); }, line("+ /tmp/g = f")},
      {AA_SYMLINK, [](Event& e) { e.file.text = Text::of("../x"); }, line("+ f -> ../x")},
      {AA_CHMOD, [](Event& e) { e.file.mode = 0600; }, line("m f 0600")},
      {AA_CHMOD, [](Event& e) { e.file.mode = 0100644; }, line("m f 0644")},
      {AA_CHOWN,
       [](Event& e) {
         e.file.new_uid = 0;
         e.file.new_gid = FilePart::kUnchanged;
       },
       line("m f owner 0:")},
      {AA_UTIME, [](Event&) {}, line("m f times")},
      {AA_XATTR, [](Event& e) { e.file.text = Text::of("user.a"); }, line("m f xattr user.a")},
      {AA_XATTR,
       [](Event& e) {
         e.file.text = Text::of("user.a");
         e.file.removed = true;
       },
       line("m f no xattr user.a")},
      {AA_SYMLINK, [](Event& e) { e.file.text = Text::unreadable(); }, line("+ f -> (unreadable)")},
      {AA_SYMLINK,
       [](Event& e) {
         e.file.text = Text::of("x");
         e.file.text.truncated = true;
       },
       line("+ f -> x (cut)")},
      {AA_SYMLINK, [](Event& e) { e.file.text = Text::of(""); }, line("+ f -> \"\"")},
      {AA_XATTR, [](Event& e) { e.file.text = Text::unreadable(); }, line("m f xattr (unreadable)")},
      {AA_UNLINK, [](Event& e) { e.file.no_result = true; }, line("- f (unknown whether it failed)")},
      {AA_EXEC,
       [](Event& e) {
         e.exec.filename = Text::of("/place/x");
         e.exec.argv.state = Text::State::kUnreadable;
       },
       line("$ x (arguments unreadable)")},
      {AA_TRUNCATE, [](Event& e) { e.file.size = 4096; }, sized("~ f", "4.0K")},
      {AA_MMAP, [](Event&) {}, line("~ f (mapped)")},
      {AA_READ, [](Event& e) { e.file.size = 10; }, sized("< f", "10B")},
      {AA_WRITE, [](Event& e) { e.file.size = 10; }, sized("~ f", "10B")},
      {AA_CLOSE, [](Event&) {}, line(". f")},
      {AA_UNLINK, [](Event& e) { e.error = EACCES; }, line("! unlink f  EACCES")},
      {AA_RENAME,
       [](Event& e) {
         e.error = EXDEV;
         e.file.new_path = Text::of("/g");
       },
       line("! rename f -> /g  EXDEV")},
      {AA_UNLINK, [](Event& e) { e.file.path = Text::unreadable(); }, line("- (unreadable)")},
      {AA_UNLINK, [](Event& e) { e.file.path.deleted = true; }, line("- f (deleted)")},
      {AA_EXIT, [](Event& e) { e.process.code = 3; }, line("= 3 bash")},
      {AA_EXIT, [](Event&) {}, ""},
      {AA_EXIT,
       [](Event& e) {
         e.process.signal = SIGSEGV;
         e.process.core_dumped = true;
       },
       line("= SIGSEGV (core dumped) bash")},
  };
  for (const Row& row : rows) {
    Short trace;
    Event event = file_event(row.kind, "/place/f");
    row.fill(event);
    CHECK(trace(event) == row.text);
  }
}

TEST_CASE("short: a search for a program along PATH is one line, and only if it failed everywhere") {
  Short trace;
  CHECK(trace(exec_event({"x"}, "/usr/local/bin/x", ENOENT)) == "");
  CHECK(trace(exec_event({"x"}, "/usr/bin/x", EACCES)) == "");
  CHECK(trace(exec_event({"x", "a b"}, "/bin/x")) == line("$ x \"a b\""));
  CHECK(trace(exec_event({"y"}, "/usr/bin/y", EACCES)) == "");
  CHECK(trace(exec_event({"y"}, "/bin/y", ENOENT)) == "");
  CHECK(trace(exit_event(127)) == line("! exec y  EACCES") + line("= 127 bash"));
  // one try alone is no search: where it was says the most
  CHECK(trace(exec_event({"z"}, "/place/build/z", ENOENT)) == "");
  CHECK(trace.after(kBegan + 2000 * kMs) == line("! exec build/z  ENOENT"));
  CHECK(trace(exec_event({"big"}, "/bin/big", E2BIG)) == line("! exec /bin/big  E2BIG"));
}

TEST_CASE("short: variables that were asked for stand where a shell has them") {
  Short trace;
  Event event = exec_event({"make", "a b"}, "/usr/bin/make");
  event.exec.env.arguments = {"CC=gcc", "FLAGS=-O2 -g"};
  event.exec.env.state = Text::State::kPresent;
  CHECK(trace(event) == line("$ CC=gcc \"FLAGS=-O2 -g\" make \"a b\""));
}

TEST_CASE("short: what fails again and again is told once, and an alert always") {
  Short trace;
  Event event = file_event(AA_OPEN, "/etc/x");
  event.error = EACCES;
  CHECK(trace(event) == line("! open /etc/x  EACCES"));
  CHECK(trace(event) == "");
  const Alert alert{"sensitive", Level::kCritical, "/usr/"};
  event.alerts = {&alert, 1};
  CHECK(trace(event) == line("! open /etc/x  EACCES [critical sensitive]"));
}

TEST_CASE("short: indented by depth, names escaped, arguments cut on a terminal alone") {
  Short trace;
  Event event = exec_event({"sh", "-c", "echo $HOME"}, "/bin/sh");
  event.depth = 2;
  CHECK(trace(event) == line("    $ sh -c 'echo $HOME'"));
  event.depth = 1000;
  CHECK(trace(event) == line(std::string(24, ' ') + "$ sh -c 'echo $HOME'"));
  CHECK(trace(exec_event({"a\n\x1b[31m", "\xE2\x80\xAE", ""}, "/bin/a\n\x1b[31m")) ==
        line("$ \"a\\n\\x1b[31m\" \"\\u{202e}\" \"\""));
  const std::string long_word(200, 'x'), long_file = "/bin/" + long_word;
  CHECK(trace(exec_event({long_word}, long_file.c_str())) == line("$ " + long_word));
  Short terminal({.columns = [] { return 60u; }});
  CHECK(terminal(exec_event({long_word}, long_file.c_str())) == line("$ " + std::string(41, 'x') + "\u2026"));
  // an alert has its place
  Event shell = exec_event({long_word}, long_file.c_str());
  const Alert alert{"shell", Level::kCritical, "sh"};
  shell.alerts = {&alert, 1};
  for (const bool color : {false, true}) {
    Short narrow({.columns = [] { return 60u; }, .color = color});
    const std::string cut = std::string(41 - 17, 'x') + "\u2026";
    CHECK(narrow(shell).find(cut + (color ? "\033[0m \033[31m[critical shell]\033[0m\n" : " [critical shell]\n")) !=
          std::string::npos);
  }
  // two columns each
  CHECK(terminal(io_event("/\u6f22\u5b57", 1, 5, 0)) ==
        "   0.001   4242 < /\u6f22\u5b57" + std::string(60 - 18 - 5 - 2, ' ') + "5B\n");
}

TEST_CASE("short: what a shell would change has the quotes in which it does not") {
  struct Row {
    const char *word, *shown;
  };
  for (const Row& row : {Row{"a b", "\"a b\""}, Row{"$HOME", "'$HOME'"}, Row{"a\\b", "'a\\b'"},
                         Row{"say \"x\"", "'say \"x\"'"}, Row{"it's", "\"it's\""}, Row{"it's $1", "\"it's $1\""},
                         Row{"$\n", "\"$\\n\""}, Row{"", "\"\""}, Row{"\xE2\x80\xAE$", "\"\\u{202e}$\""}}) {
    Short trace;
    CHECK(trace(exec_event({"true", row.word}, "/bin/true")) == line(std::string("$ true ") + row.shown));
  }
}

TEST_CASE("short: what fails in every program as it should is told only to those who ask for failures") {
  for (const bool all : {false, true}) {
    Short trace({.all_failures = all});
    Event made = file_event(AA_MKDIR, "/a"), removed = file_event(AA_UNLINK, "/b");
    made.error = EEXIST;
    removed.error = ENOENT;
    CHECK(trace(made) == (all ? line("! mkdir /a  EEXIST") : ""));
    CHECK(trace(removed) == (all ? line("! unlink /b  ENOENT") : ""));
    made.error = EACCES;
    CHECK(trace(made) == line("! mkdir /a  EACCES"));
  }
}

TEST_CASE("short: a long name of what is read outside of the place is shortened on a terminal, no other is") {
  const std::string dirs = "/usr/lib/node_modules/npm/node_modules/some-package/dist/commonjs/";
  Short pipe, terminal({.directory = "/place", .columns = [] { return 80u; }});
  const std::string index = dirs + "index.js", other = dirs + "a.js", below = "/place" + index;  // events point there
  const Event read = io_event(index.c_str(), 3, 100, 0), made = io_event(other.c_str(), 3, 0, 5),
              own = io_event(below.c_str(), 3, 100, 0);
  CHECK(pipe(read) == line("< " + dirs + "index.js  100B"));
  const std::string shown = "/usr/lib/\u2026/some-package/dist/commonjs/index.js";
  CHECK(terminal(read) == "   0.001   4242 < " + shown + std::string(80 - 18 - 46 - 4, ' ') + "100B\n");
  CHECK(terminal(made) == line("~ " + dirs + "a.js  5B"));
  Event missing = open_event(index.c_str(), 0);
  missing.file.fd.reset();
  missing.error = ENOENT;
  CHECK(terminal(missing) == "");
  CHECK(terminal(exit_event(0)) == line("! open /usr/lib/\u2026/some-package/dist/commonjs/index.js  ENOENT"));
  CHECK(terminal(own) == line("< " + dirs.substr(1) + "index.js  100B"));
}

TEST_CASE("short: the width follows the terminal") {
  unsigned columns = 60;
  Short trace({.columns = [&columns] { return columns; }});
  const std::string word(64, 'x');
  const std::string file = "/bin/" + word;
  const Event event = exec_event({word}, file.c_str());
  CHECK(trace(event) == line("$ " + std::string(41, 'x') + "\u2026"));
  columns = 50;
  CHECK(trace.after(0) == "");
  CHECK(trace(event) == line("$ " + std::string(31, 'x') + "\u2026"));
}

TEST_CASE("short: the time of day, and losses") {
  setenv("TZ", "UTC", 1);
  Short clock({.time = TimeStyle::kClock}), iso({.time = TimeStyle::kIso});
  const std::string of_day = clock(file_event(AA_UNLINK, "/f")), of_year = iso(file_event(AA_UNLINK, "/f"));
  CHECK(of_day.size() == std::string("10:36:29.123456   4242 - /f\n").size());
  CHECK(of_year.size() == std::string("2026-11-20T10:36:29.123456789Z   4242 - /f\n").size());
  CHECK(of_year.substr(11, 15) == of_day.substr(0, 15));
  std::string out;
  Short().sink->lost(out, kBegan, 12, "ring_full");
  CHECK(out == "   0.000        ? 12 lost: ring_full\n");
}

TEST_CASE("short: what ran, where the first argument does not say so") {
  struct Row {
    std::vector<std::string_view> argv;
    const char *filename, *exe, *told;
  };
  const Row kRows[] = {
      {{"git", "status"}, "/usr/bin/git", "/usr/bin/git", "$ git status"},
      {{"git"}, "/usr/lib/git-core/git", "/usr/bin/git", "$ git"},
      {{"python3"}, "/usr/bin/python3", "/usr/bin/python3.11", "$ python3"},
      {{"-bash"}, "/bin/bash", "/usr/bin/bash", "$ -bash"},
      {{"./run"}, "./run", "/place/run", "$ ./run"},
      {{"git", "status"}, "/bin/true", "/usr/bin/true", "$ git status (/usr/bin/true)"},
      {{"git", "status"}, "/tmp/x/git", "/tmp/x/git", "$ git status (/tmp/x/git)"},
      {{"/usr/bin/git"}, "/tmp/x/git", "/tmp/x/git", "$ /usr/bin/git (/tmp/x/git)"},
      {{""}, "/tmp/x/y", "/tmp/x/y", "$ \"\" (/tmp/x/y)"},
      // found in the working directory, not along PATH
      {{"git"}, "git", "/tmp/x/git", "$ git (/tmp/x/git)"},
      {{"git"}, "/usr/bin/../../tmp/x/git", "/tmp/x/git", "$ git (/tmp/x/git)"},
      {{"/dev/fd/3"}, "/dev/fd/3", "memfd:x", "$ /dev/fd/3 (memfd:x)"},
      {{"/proc/self/fd/3"}, "/proc/self/fd/3", "/tmp/x/y", "$ /proc/self/fd/3 (/tmp/x/y)"},
      {{"cargo"}, "/home/me/.cargo/bin/cargo", "/home/me/.cargo/bin/cargo", "$ cargo (~/.cargo/bin/cargo)"},
  };
  for (const Row& row : kRows) {
    Short trace;
    Event event = exec_event(row.argv, row.filename);
    event.exe = Text::of(row.exe);
    CHECK(trace(event) == line(row.told));
  }
  // the kernel's own words
  Short trace;
  Event script = exec_event({"/bin/sh", "./run"}, "./run");
  script.exec.script = Text::of("/place/run");
  CHECK(trace(script) == line("$ /bin/sh ./run"));
}

TEST_CASE("short: an environment that is not whole says so") {
  Short trace;
  Event event = exec_event({"true"}, "/bin/true");
  event.exec.env.state = Text::State::kPresent;
  event.exec.env.arguments = {"A=1"};
  event.exec.env.truncated = true;
  CHECK(trace(event) == line("$ A=1 \u2026 true"));
  event.exec.env = {};
  event.exec.env.state = Text::State::kUnreadable;
  CHECK(trace(event) == line("$ (environment unreadable) true"));
}

TEST_CASE("short: no name looks like what it is not") {
  Short trace;
  CHECK(trace(file_event(AA_UNLINK, "/place/~/a")) == line("- \"~/a\""));
  CHECK(trace(file_event(AA_UNLINK, "/home/me/a b")) == line("- ~/\"a b\""));
  CHECK(trace(file_event(AA_UNLINK, "/a/\u2026/b")) == line("- \"/a/\u2026/b\""));
  CHECK(trace(exec_event({"LD_PRELOAD=/x", "~/y"}, "LD_PRELOAD=/x")) == line("$ 'LD_PRELOAD=/x' \"~/y\""));
  Event swapped = file_event(AA_RENAME, "/place/a");
  swapped.file.new_path = Text::of("/place/b");
  swapped.file.flags = RENAME_EXCHANGE;
  CHECK(trace(swapped) == line("> a <-> b"));
}

}  // namespace aa::test
