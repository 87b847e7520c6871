// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Small pure parts: terminals, clocks, numbers, words, releases.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <ctime>
#include <regex>

#include "append.hpp"
#include "clock.hpp"
#include "event_names.hpp"
#include "kernel.hpp"
#include "targets.hpp"

namespace aa::test {
namespace {

TEST_CASE("tty: a pseudo-terminal in each form is one terminal") {
  for (const char* name : {"/dev/pts/9", "pts/9", "pts9", "/dev/pts9", "pts/09"}) {
    CAPTURE(name);
    const auto tty = resolve_tty(name);
    REQUIRE(bool(tty));
    CHECK(tty->name == "pts/9");
    CHECK(tty->device == (136u << 20 | 9));
  }
  // the kernel has 256 in a major number of ours; one major has them all
  const auto high = resolve_tty("pts/300");
  REQUIRE(bool(high));
  CHECK(high->device == (136u << 20 | 300));
}

TEST_CASE("tty: virtual consoles, by their device and not by their index") {
  for (const char* name : {"tty1", "/dev/tty1"}) {
    if (access("/dev/tty1", F_OK) != 0) {
      CHECK_FALSE(bool(resolve_tty(name)));
      continue;
    }
    const auto tty = resolve_tty(name);
    REQUIRE(bool(tty));
    CHECK(tty->name == "tty1");
    CHECK(tty->device == (4u << 20 | 1));
  }
}

TEST_CASE("tty: what is no terminal is a usage error in one line") {
  for (const char* name :
       {"", "9", "pts", "pts/", "pts/x", "pts/9x", "/dev/null", "null", "/dev/ptmx", "ptmx", "console", "/dev/", "/dev",
        "/etc/passwd", "nosuchtty", "pts/-1", "pts/ 1", "../etc/passwd", "zero"}) {
    CAPTURE(name);
    const auto tty = resolve_tty(name);
    REQUIRE_FALSE(bool(tty));
    CHECK(tty.error().exit_code == ExitCode::kUsage);
    CHECK(tty.error().message.find('\n') == std::string::npos);
  }
}

TEST_CASE("targets: a thread stands for its process, and what is not there is named") {
  const auto self = static_cast<std::uint32_t>(getpid());
  CHECK(process_of(self) == self);
  CHECK(process_of(static_cast<std::uint32_t>(gettid())) == self);
  CHECK(process_of(4'194'304) == 0);
  Options options;
  options.pids = {self, 2'147'483'647};
  const auto targets = resolve_targets(options);
  REQUIRE(bool(targets));
  CHECK(targets->pids == std::vector<std::uint32_t>{self, 2'147'483'647});
  CHECK(targets->missing == std::vector<std::uint32_t>{2'147'483'647});
  CHECK(targets->names.front() == "pid " + std::to_string(self));
}

TEST_CASE("clock: seconds since the trace began") {
  const TraceClock clock(1000);
  CHECK(clock.elapsed(1000) == 0);
  CHECK(clock.elapsed(999) == 0);
  CHECK(clock.elapsed(1001) == 1);
  const auto seconds = [](std::uint64_t ns, unsigned digits) {
    std::string out = "x";
    append_seconds(out, ns, digits);
    return out.substr(1);
  };
  CHECK(seconds(0, 6) == "0.000000");
  CHECK(seconds(1'520'999, 6) == "0.001520");
  CHECK(seconds(1'999'999'999, 9) == "1.999999999");
  CHECK(seconds(123'456'789'012'345'678, 6) == "123456789.012345");
}

TEST_CASE("numbers: octal, as chmod(1) has it") {
  const std::pair<std::uint32_t, const char*> rows[] = {{0, "0000"},
                                                        {1, "0001"},
                                                        {010, "0010"},
                                                        {0644, "0644"},
                                                        {0777, "0777"},
                                                        {01000, "01000"},
                                                        {04755, "04755"},
                                                        {07777, "07777"},
                                                        {0100644, "0100644"},
                                                        {010600, "010600"},
                                                        {0140000, "0140000"},
                                                        {~0u, "037777777777"},
                                                        {1u << 31, "020000000000"}};
  for (const auto& [mode, expected] : rows) {
    CAPTURE(mode);
    std::string out = "x";
    append_octal(out, mode);
    CHECK(out == std::string("x") + expected);
  }
}

TEST_CASE("numbers: decimal, at both ends") {
  const auto decimal = [](auto value) {
    std::string out = "x";
    append_number(out, value);
    return out.substr(1);
  };
  CHECK(decimal(0) == "0");
  CHECK(decimal(-1) == "-1");
  CHECK(decimal(INT64_MIN) == "-9223372036854775808");
  CHECK(decimal(INT64_MAX) == "9223372036854775807");
  CHECK(decimal(UINT64_MAX) == "18446744073709551615");
  CHECK(decimal(UINT32_MAX) == "4294967295");
  std::uint64_t power = 1;
  for (int digits = 1; digits <= 20; digits++, power *= 10) {
    CAPTURE(digits);
    CHECK(decimal(power) == std::to_string(power));
    CHECK(decimal(power - 1) == std::to_string(power - 1));
    CHECK(decimal(power + 1) == std::to_string(power + 1));
  }
}

TEST_CASE("clock: time of day is RFC 3339 in UTC and agrees with the system's") {
  TraceClock clock(static_cast<std::uint64_t>(Clocks().boot()));
  const std::regex form(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z)");
  std::string text;
  const std::time_t before = std::time(nullptr);
  clock.append_time_of_day(text, clock.now());
  CHECK(std::regex_match(text, form));
  std::tm parsed{};
  REQUIRE(strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parsed) != nullptr);
  const std::time_t shown = timegm(&parsed);
  CHECK(shown >= before - 1);
  CHECK(shown <= std::time(nullptr) + 1);
}

TEST_CASE("clock: times in the order of the events, also across a second") {
  TraceClock clock(static_cast<std::uint64_t>(Clocks().boot()));
  std::string last;
  for (std::uint64_t time = clock.began(); time < clock.began() + 3'000'000'000; time += 99'999'999) {
    std::string text;
    clock.append_time_of_day(text, time);
    CHECK(text > last);
    last = text;
  }
  std::string earlier;
  clock.append_time_of_day(earlier, clock.began());
  CHECK(earlier < last);
}

TEST_CASE("words: the nearest one") {
  const std::vector<std::string> words = {"fork", "exec", "exit"};
  CHECK(nearest_word("exce", words) == "exec");
  CHECK(nearest_word("exi", words) == "exit");
  CHECK(nearest_word("forks", words) == "fork");
  CHECK(nearest_word("exec", words) == "exec");
  CHECK(nearest_word("something-else", words) == "");
  CHECK(nearest_word("x", {}) == "");
}

TEST_CASE("words: names of events") {
  CHECK(event_name(AA_FORK) == "fork");
  CHECK(event_name(AA_EXEC) == "exec");
  CHECK(event_name(AA_EXIT) == "exit");
  CHECK(names_of(kind_bit(AA_EXIT) | kind_bit(AA_FORK)) == std::vector<std::string_view>{"fork", "exit"});
  CHECK(names_of(0).empty());
  CHECK(names_of(default_kinds()) ==
        std::vector<std::string_view>{"exec", "exit", "open", "io", "mmap", "unlink", "rmdir", "mkdir", "mknod",
                                      "rename", "link", "symlink", "chmod", "chown", "truncate", "utime", "xattr"});
  // every kind up to the last that is an event has a name of its own
  for (int kind = AA_OPEN; kind <= AA_XATTR; kind++) CHECK(event_name(static_cast<aa_kind>(kind)) != "unknown");
}

TEST_CASE("kernel: releases") {
  struct Row {
    const char* text;
    int major, minor;
    bool supported;
  };
  for (const Row& row : {Row{"5.14.0-503.el9.x86_64", 5, 14, false},
                         {"5.15.0-91-generic", 5, 15, true},
                         {"5.4.0", 5, 4, false},
                         {"4.19.0-26-amd64", 4, 19, false},
                         {"6.0", 6, 0, true},
                         {"6.18.44-x", 6, 18, true},
                         {"10.1.2", 10, 1, true},
                         {"6", 0, 0, false},
                         {"", 0, 0, false},
                         {"garbage", 0, 0, false},
                         {"v6.1", 0, 0, false}}) {
    CAPTURE(std::string(row.text));
    const KernelRelease release = parse_release(row.text);
    CHECK(release.major == row.major);
    CHECK(release.minor == row.minor);
    CHECK(release.text == row.text);
    const Status status = check_kernel(release);
    CHECK(bool(status) == row.supported);
    if (!row.supported) CHECK(status.error().message == "needs Linux 5.15 or later, this is " + release.text);
  }
}

}  // namespace
}  // namespace aa::test
