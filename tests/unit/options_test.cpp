// SPDX-License-Identifier: MIT OR Apache-2.0
#include <doctest/doctest.h>

#include "unit/command_line.hpp"

namespace aa::test {
namespace {

constexpr KindSet kFork = kind_bit(AA_FORK), kExec = kind_bit(AA_EXEC), kExit = kind_bit(AA_EXIT);
constexpr KindSet kCalls = kind_bit(AA_READ) | kind_bit(AA_WRITE) | kind_bit(AA_CLOSE);
constexpr KindSet kFile = kind_bit(AA_OPEN) | kind_bit(AA_IO) | kind_bit(AA_UNLINK) | kind_bit(AA_RMDIR) |
                          kind_bit(AA_MKDIR) | kind_bit(AA_RENAME) | kind_bit(AA_LINK) | kind_bit(AA_SYMLINK) |
                          kind_bit(AA_MKNOD) | kind_bit(AA_CHMOD) | kind_bit(AA_CHOWN) | kind_bit(AA_TRUNCATE) |
                          kind_bit(AA_UTIME) | kind_bit(AA_XATTR) | kind_bit(AA_MMAP);

TEST_CASE("options: nothing given") {
  const Options options = good({});
  CHECK(options.targets.pids.empty());
  CHECK(options.targets.ttys.empty());
  CHECK_FALSE(options.targets.all);
  CHECK(options.targets.children);
  CHECK_FALSE(options.targets.wait);
  CHECK(options.targets.command.empty());
  CHECK(options.kinds == (kExec | kExit | kFile));
  CHECK(options.outcomes == (AA_SUCCEEDED | AA_FAILED));
  CHECK(options.output == "-");
  CHECK_FALSE(options.format);
  CHECK(options.color == Color::kAuto);
  CHECK_FALSE(options.duration);
  CHECK_FALSE(options.count);
  CHECK(options.buffer_bytes == 8u << 20);
  CHECK(options.verbosity == 0);
  CHECK_FALSE(options.show_secrets);
  CHECK_FALSE(options.check);
  CHECK_FALSE(options.print);
}

TEST_CASE("options: variables of execs") {
  CHECK_FALSE(good({}).env.any());
  CHECK(good({"--env", "A,B_2", "--env=C"}).env.names == Words{"A", "B_2", "C"});
  CHECK_FALSE(good({"--env", "A"}).env.all);
  CHECK(good({"--env", "all"}).env.all);
  CHECK(good({"--env", "A,all"}).env.names == Words{"A"});
  CHECK(good({"--env", "A", "42"}).targets.pids.size() == 1);
  for (const char* wrong : {"", ",", "A,", ",A", "A=1", "A,,B"}) CHECK(mentions(bad({"--env", wrong}), "--env"));
  CHECK(mentions(bad({"--env"}), "needs a value"));
}

TEST_CASE("options: pids in every form") {
  using Pids = std::vector<std::uint32_t>;
  const std::vector<std::pair<Words, Pids>> rows = {
      {{"-p", "1"}, {1}},
      {{"-p1"}, {1}},
      {{"--pid", "1,2"}, {1, 2}},
      {{"--pid=3"}, {3}},
      {{"12"}, {12}},
      {{"1", "2"}, {1, 2}},
      {{"1,2"}, {1, 2}},
      {{"-p", "1", "2"}, {1, 2}},
      {{"-p1", "-p", "2"}, {1, 2}},
      {{"2147483647"}, {2147483647}},
      {{"007"}, {7}},
      {{"-p", "1\n2\n3"}, {1, 2, 3}},          // pgrep
      {{"--pid=1 2 "}, {1, 2}},                // pidof
      {{"-p", "      1\n    22\n"}, {1, 22}},  // ps -o pid=
      {{" 1", "2\t3"}, {1, 2, 3}},
      {{"-p", "1, 2 ,\n3 4"}, {1, 2, 3, 4}},
  };
  for (const auto& [words, pids] : rows) {
    CAPTURE(joined(words));
    CHECK(good(words).targets.pids == pids);
  }
}

TEST_CASE("options: what is no pid") {
  for (const char* word : {"0", "-1", "+1", "12abc", "2147483648", "4294967297", "99999999999999999999", "", " ", "\n",
                           "1,", ",1", "1,,2", "1, ,2", "1 x", "0x10", "1.0", "-0"}) {
    CAPTURE(word);
    CHECK(mentions(bad({"-p", word}), "pid"));
    CHECK_FALSE(bad({std::string("--pid=") + word}).empty());
  }
  for (const char* word : {"0", "12abc", "2147483648", "1,", "make", "", ".", "+1"}) bad({word});
  CHECK(mentions(bad({"make"}), "aa-trace -- make"));
  CHECK(mentions(bad({"-1"}), "-1"));
}

TEST_CASE("options: formats and times") {
  CHECK(good({"1", "-F", "short"}).format == Format::kShort);
  CHECK(good({"1", "--format=line"}).format == Format::kLine);
  CHECK(good({"1", "--format", "json", "-j"}).format == Format::kJson);
  CHECK(bad({"1", "-F", "xml"}) == "--format 'xml' is not short, line or json");
  CHECK(bad({"1", "-F", ""}) == "--format '' is not short, line or json");
  CHECK(bad({"1", "-j", "-F", "line"}) == "--json and --format line: which one?");
  CHECK(good({"1"}).time == TimeStyle::kElapsed);
  CHECK(good({"1", "--time", "clock"}).time == TimeStyle::kClock);
  CHECK(good({"1", "--time", "iso", "-F", "line"}).time == TimeStyle::kIso);
  CHECK(bad({"1", "--time", "utc"}) == "--time 'utc' is not elapsed, clock or iso");
  CHECK(bad({"1", "-j", "--time", "iso"}) == "--time is of text: JSON has elapsed and time");
}

TEST_CASE("options: patterns that could match no path, a count that is no whole number, --append of nothing") {
  for (const char* word : {"./bin", "../bin", "~/.npmrc"}) CHECK(mentions(bad({"1", "-P", word}), "begin with /"));
  for (const char* word : {"bin", "*.c", "/etc/", "**/.npmrc"}) CHECK(good({"1", "-P", word}).paths.size() == 1);
  CHECK(bad({"1", "-n", "1.5"}) == "--count '1.5' is not a whole number above 0");
  CHECK(bad({"1", "-A"}) == "--append needs --output FILE");
  CHECK(good({"1", "-A", "-o", "f"}).append);
}

TEST_CASE("options: flags, alone and together") {
  CHECK(good({"-a"}).targets.all);
  CHECK(good({"--all"}).targets.all);
  CHECK(good({"-j"}).format == Format::kJson);
  CHECK(good({"--json"}).format == Format::kJson);
  CHECK_FALSE(good({"--no-watch-children"}).targets.children);
  CHECK(good({"--wait"}).targets.wait);
  CHECK(good({"--as-root"}).as_root);
  CHECK(good({"--show-secrets"}).show_secrets);
  CHECK(good({"--check"}).check);
  CHECK(good({"-x"}).outcomes == AA_FAILED);
  CHECK(good({"--failed"}).outcomes == AA_FAILED);
  CHECK(good({"-z"}).outcomes == AA_SUCCEEDED);
  CHECK(good({"--successful"}).outcomes == AA_SUCCEEDED);
  const Options together = good({"-jxa"});
  CHECK(together.format == Format::kJson);
  CHECK(together.targets.all);
  CHECK(together.outcomes == AA_FAILED);
  const Options with_value = good({"-jp", "5"});
  CHECK(with_value.format == Format::kJson);
  CHECK(with_value.targets.pids == std::vector<std::uint32_t>{5});
  CHECK(good({"-jn3"}).count == 3);
  bad({"-x", "-z"});
  bad({"-xz"});
}

TEST_CASE("options: how much is said") {
  CHECK(good({"-q"}).verbosity == -1);
  CHECK(good({"-v"}).verbosity == 1);
  CHECK(good({"-vv"}).verbosity == 2);
  CHECK(good({"-v", "--verbose"}).verbosity == 2);
}

TEST_CASE("options: values") {
  CHECK(good({"-t", "pts9"}).targets.ttys == Words{"pts9"});
  CHECK(good({"--tty=/dev/pts/1", "-t", "tty1"}).targets.ttys == Words{"/dev/pts/1", "tty1"});
  CHECK(good({"-o", "file"}).output == "file");
  CHECK(good({"--output=a=b"}).output == "a=b");
  CHECK(good({"-o", "-"}).output == "-");
  CHECK(good({"--color", "always"}).color == Color::kAlways);
  CHECK(good({"--color=never"}).color == Color::kNever);
  CHECK(good({"--color=auto"}).color == Color::kAuto);
  bad({"--color", "sometimes"});
  bad({"--color="});
  bad({"-o"});
  bad({"-t"});
  bad({"-p"});
}

TEST_CASE("options: a value may begin with a dash or an exclamation mark") {
  CHECK(good({"-e", "!exit"}).kinds == (kExec | kFile));
  CHECK(good({"--events=!exit"}).kinds == (kExec | kFile));
  CHECK(good({"--output=-x"}).output == "-x");
  bad({"-d", "-1"});
  bad({"--duration=-1"});
  bad({"-n", "-1"});
}

TEST_CASE("options: events") {
  const std::vector<std::pair<std::string, KindSet>> rows = {
      {"exec", kExec},
      {"fork", kFork},
      {"exit,exec", kExec | kExit},
      {"process", kFork | kExec | kExit},
      {"file", kFile},
      {"calls", kCalls},
      {"io,read", kind_bit(AA_IO) | kind_bit(AA_READ)},
      {"file,!open,!mmap", kFile & ~kind_bit(AA_OPEN) & ~kind_bit(AA_MMAP)},
      {"all", kFork | kExec | kExit | kFile | kCalls},
      {"all,!fork", kExec | kExit | kFile | kCalls},
      {"process,!exec,!exit", kFork},
      {"!exit", kExec | kFile},
      {"!exit,fork", kExec | kFork | kFile},
      {"!file", kExec | kExit},
      {"exec,exec", kExec},
  };
  for (const auto& [list, kinds] : rows) {
    CAPTURE(list);
    CHECK(good({"-e", list}).kinds == kinds);
  }
  for (const char* list : {"", ",", "exec,", "EXEC", "!", "exec,,exit", "!all", "exec,!exec", " exec", "exec;exit"})
    bad({"--events=" + std::string(list)});
  CHECK(mentions(bad({"-e", "exce"}), "'exec'"));
  CHECK(mentions(bad({"-e", "frok"}), "'fork'"));
  CHECK(mentions(bad({"-e", "exec,prozess"}), "'process'"));
}

TEST_CASE("options: sizes of the ring buffer") {
  const std::vector<std::pair<std::string, std::uint64_t>> rows = {
      {"4096", 4096},      {"4K", 4096},           {"4k", 4096},   {"8M", 8u << 20}, {"8m", 8u << 20},
      {"1024M", 1u << 30}, {"1048576K", 1u << 30}, {"8192", 8192}, {"1G", 1u << 30}, {"1g", 1u << 30},
  };
  for (const auto& [text, bytes] : rows) {
    CAPTURE(text);
    CHECK(good({"--buffer", text}).buffer_bytes == bytes);
  }
  for (const char* text : {"", "0", "0K", "3K", "2K", "2048", "2048M", "2G", "K", "M", "-4K", "4KK", "4 K", "4.0K",
                           "12M", "18446744073709551616", "17592186044416M", "0x1000", "4KB"}) {
    CAPTURE(text);
    CHECK(mentions(bad({"--buffer=" + std::string(text)}), "buffer"));
  }
}

TEST_CASE("options: durations and counts") {
  using std::chrono::nanoseconds;
  CHECK(good({"-d", "1"}).duration == nanoseconds(1'000'000'000));
  CHECK(good({"-d", "0.5"}).duration == nanoseconds(500'000'000));
  CHECK(good({"--duration=.25"}).duration == nanoseconds(250'000'000));
  CHECK(good({"-d", "1e3"}).duration == nanoseconds(1'000'000'000'000));
  for (const char* text : {"", "0", "0.0", "-1", "1s", "x", "nan", "inf", "-inf", "1e99", "1,5", " 1"}) {
    CAPTURE(text);
    CHECK(mentions(bad({"--duration=" + std::string(text)}), "duration"));
  }
  CHECK(good({"-n", "1"}).count == 1);
  CHECK(good({"-n100"}).count == 100);
  CHECK(good({"--count=18446744073709551615"}).count == ~0ull);
  for (const char* text : {"", "0", "-1", "1.5", "x", "1k", "18446744073709551616", "+1"}) {
    CAPTURE(text);
    CHECK(mentions(bad({"--count=" + std::string(text)}), "count"));
  }
}

TEST_CASE("options: COMMAND keeps all that stands behind --") {
  CHECK(good({"--", "ls"}).targets.command == Words{"ls"});
  CHECK(good({"--", "ls", "-l", "--", "-j", ""}).targets.command == Words{"ls", "-l", "--", "-j", ""});
  CHECK_FALSE(good({"--", "ls", "-j"}).format);
  const Options both = good({"-j", "7", "--", "make", "-p", "0"});
  CHECK(both.format == Format::kJson);
  CHECK(both.targets.pids == std::vector<std::uint32_t>{7});
  CHECK(both.targets.command == Words{"make", "-p", "0"});
  CHECK(good({"--", "-a"}).targets.command == Words{"-a"});
  CHECK_FALSE(good({"--", "-a"}).targets.all);
  CHECK(mentions(bad({"--"}), "COMMAND"));
  CHECK(good({"--", ""}).targets.command == Words{""});  // a COMMAND that is not found
  CHECK(mentions(bad({"-a", "--"}), "COMMAND"));
}

TEST_CASE("options: unknown ones name the nearest") {
  CHECK(mentions(bad({"--jsn"}), "'--json'"));
  CHECK(mentions(bad({"--evnts", "exec"}), "'--events'"));
  CHECK(mentions(bad({"--no-watch-childs"}), "'--no-watch-children'"));
  CHECK(mentions(bad({"--colour=always"}), "'--color'"));
  CHECK_FALSE(mentions(bad({"--frobnicate-it-all"}), "did you mean"));
  CHECK(mentions(bad({"-y"}), "-y"));
  CHECK(mentions(bad({"-jy"}), "y"));
  CHECK(mentions(bad({"---"}), "---"));
}

TEST_CASE("options: nothing is suggested that is not alike") {
  for (const char* word : {"--foo", "--user", "--strings", "--help-me", "--pod"}) {
    CAPTURE(word);
    const std::string message = bad({word});
    CHECK(mentions(message, word));
    if (std::string(word) == "--pod") CHECK(mentions(message, "'--pid'"));
    else CHECK_FALSE(mentions(message, "did you mean"));
  }
}

TEST_CASE("options: values that are empty say what is missing") {
  for (const char* list : {"", " ", "\t", " \n "}) CHECK(mentions(bad({"-p", list}), "--pid needs a pid"));
  for (const char* list : {"1,,2", ",", "1, ,2"}) CHECK(mentions(bad({"-p", list}), "pid"));
  CHECK(mentions(bad({"-o", ""}), "--output needs a file"));
  CHECK(mentions(bad({"--output", ""}), "--output needs a file"));
  CHECK(good({"-o", "-"}).output == "-");
}

TEST_CASE("options: -x with events that never fail leaves nothing to report") {
  for (const char* list : {"exit", "fork", "io", "close", "mmap", "fork,exit,io,close,mmap"}) {
    CAPTURE(list);
    const std::string message = bad({"-x", "-e", list});
    CHECK(mentions(message, "nothing to report"));
    CHECK(mentions(message, "--failed"));
    good({"-z", "-e", list});
  }
  CHECK(good({"-x", "-e", "exit,exec"}).outcomes == AA_FAILED);
  CHECK(good({"-x", "-e", "read"}).outcomes == AA_FAILED);
}

TEST_CASE("options: every error is one line, whatever the word holds") {
  for (const char* word :
       {"--a\nb", "a\nb", "-p\n", "-e\nexec", "--buffer=\n", "--all=maybe", "--\n", "-o", "\x1b[31m"})
    bad({word});
}

TEST_CASE("options: help and version go to stdout") {
  for (const char* word : {"-h", "--help"}) {
    const Options options = good({word});
    REQUIRE(options.print);
    for (const char* name : {"--pid", "--tty", "--all", "--events", "--json", "--buffer", "--check", "COMMAND"}) {
      CAPTURE(name);
      CHECK(mentions(*options.print, name));
    }
  }
  for (const char* word : {"-V", "--version"}) CHECK(good({word}).print == std::string("aa-trace ") + kVersion + "\n");
  CHECK(good({"-h", "--", "ls"}).print);
}

TEST_CASE("options: --btf names a file") {
  CHECK(good({"--btf", "vmlinux"}).btf == "vmlinux");
  CHECK(good({}).btf == "");
  CHECK(mentions(bad({"--btf="}), "--btf"));
  CHECK(mentions(bad({"--btf"}), "--btf"));
}

TEST_CASE("options: a vector without a program name") {
  const char* const* none = nullptr;
  CHECK(bool(parse_options(0, none)));
}

TEST_CASE("options: a value that is missing, and one too many") {
  CHECK(mentions(bad({"--engine"}), "--engine needs a value"));
  CHECK(mentions(bad({"--engine", "fexit", "--engine", "tracepoint"}), "--engine may be given once"));
  CHECK(mentions(bad({"--btf", "a", "--btf", "b"}), "--btf may be given once"));
}

}  // namespace
}  // namespace aa::test
