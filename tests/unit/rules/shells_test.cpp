// SPDX-License-Identifier: MIT OR Apache-2.0
#include "rules/shells.hpp"

#include <doctest/doctest.h>

#include <string>

namespace aa::test {
namespace {

constexpr const char* kCritical[] = {"sh",  "bash",    "dash", "zsh",  "csh", "ksh",  "tcsh",   "fish",
                                     "ash", "busybox", "curl", "wget", "nc",  "ncat", "netcat", "socat"};
constexpr const char* kWarning[] = {"python", "perl", "ruby", "php", "lua", "node", "nodejs", "deno", "bun", "pwsh"};

void check_shell(const std::string& path, const std::string& name, Level level) {
  CAPTURE(path);
  const auto shell = find_shell(path);
  REQUIRE(shell);
  CHECK(shell->name == name);
  CHECK(shell->level == level);
}

void check_forms(const std::string& name, Level level) {
  for (const char* before : {"", "/", "/bin/", "/usr/local/bin/", "./", "../x y/", "/opt/node_modules/.bin/", "/sh/"})
    for (const char* behind : {"", "3", "3.11", "-3.11", "3-x86_64"}) check_shell(before + name + behind, name, level);
}

TEST_CASE("shells: every name, wherever it is, with a version or without") {
  for (const char* name : kCritical) check_forms(name, Level::kCritical);
  for (const char* name : kWarning) check_forms(name, Level::kWarning);
}

TEST_CASE("shells: versions as distributions write them") {
  constexpr struct {
    const char *path, *name;
  } kRows[] = {
      {"/usr/bin/python3", "python"},
      {"/usr/bin/python3.11", "python"},
      {"/usr/bin/python2.7", "python"},
      {"/usr/bin/perl5.36.0", "perl"},
      {"/usr/bin/perl5.36-x86_64-linux-gnu", "perl"},
      {"/usr/bin/php8.2", "php"},
      {"/usr/bin/lua5.4", "lua"},
      {"/usr/bin/lua-5.4", "lua"},
      {"/usr/bin/ruby3.1", "ruby"},
      {"/usr/bin/node-18", "node"},
      {"/usr/bin/nodejs18", "nodejs"},
  };
  for (const auto& [path, name] : kRows) check_shell(path, name, Level::kWarning);
  check_shell("/bin/zsh-5.9", "zsh", Level::kCritical);
  check_shell("/bin/zsh5", "zsh", Level::kCritical);
  check_shell("/bin/ksh93", "ksh", Level::kCritical);
  check_shell("/bin/nc.openbsd", "nc", Level::kCritical);
  check_shell("/bin/nc.traditional", "nc", Level::kCritical);
  check_shell("/bin/bash-static", "bash", Level::kCritical);
}

TEST_CASE("shells: what only looks like one") {
  for (const char* path : {
           "",
           "/",
           "/bin/",
           "/bin",
           "/bin/sh/x",
           "/bash/ls",
           "shred",
           "bashful",
           "bashbug",
           "rbash",
           "xsh",
           "shutdown",
           "sha256sum",
           "dashboard",
           "ashx",
           "fishing",
           "fish_indent",
           "kshx",
           "cshx",
           "curling",
           "curl-config",
           "wgetrc",
           "ncdu",
           "ncal",
           "ncatx",
           "netcatd",
           "socatx",
           "busyboxes",
           "pythonic",
           "python-config",
           "pythonw",
           "ipython",
           "perldoc",
           "perlbug",
           "rubygems",
           "phpunit",
           "php-fpm",
           "lua-language-server",
           "luajit",
           "luac",
           "nodemon",
           "node_modules",
           "nodejsx",
           "node-gyp",
           "denote",
           "bundle",
           "bunzip2",
           "bunx",
           "pwshx",
           "SH",
           "Bash",
           " sh",
           "sh ",
           "sh\n",
           "sh.bak",
           "sh-",
           "sh.",
           "sh3x",
           "python3.11m",
           "sh(deleted)",
           "sh (deleted)",
           "(deleted)",
           " (deleted)",
           "/bin/sh (deleted)/x",
           "nc.bsd",
           "nc.openbsd2",
       }) {
    CAPTURE(path);
    CHECK_FALSE(find_shell(path));
  }
}

TEST_CASE("shells: bytes of any kind") {
  for (const std::string& path : {std::string("/bin/\xff"), std::string("/sh\0", 4), std::string("\0", 1),
                                  std::string(5000, 's'), "/" + std::string(5000, '-')}) {
    CAPTURE(path.size());
    CHECK_FALSE(find_shell(path));
  }
}

}  // namespace
}  // namespace aa::test
