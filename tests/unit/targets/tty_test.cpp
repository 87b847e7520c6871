// SPDX-License-Identifier: MIT OR Apache-2.0
#include <doctest/doctest.h>
#include <unistd.h>

#include "targets/tty.hpp"

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

}  // namespace
}  // namespace aa::test
