// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Patterns of paths: by hand, and against fnmatch(3) where both mean the same.
#include "rules/glob.hpp"

#include <doctest/doctest.h>
#include <fnmatch.h>

#include <algorithm>
#include <ctime>
#include <random>
#include <string>

#include "unit/emulated.hpp"

namespace aa::test {
namespace {

bool matches(const std::string& pattern, const std::string& path) {
  const auto glob = Glob::parse(pattern);
  CAPTURE(pattern);
  if (!glob) FAIL(glob.error().message);
  return glob->matches(path);
}

struct Row {
  const char* pattern;
  std::vector<const char*> matching, others;
};

void check_rows(const std::vector<Row>& rows, int least) {
  int checked = 0;
  const auto check = [&checked](const std::string& pattern, const std::string& path, bool expected) {
    CAPTURE(pattern);
    CAPTURE(path);
    CHECK(matches(pattern, path) == expected);
    checked++;
  };
  for (const Row& row : rows) {
    for (const char* path : row.matching) check(row.pattern, path, true);
    for (const char* path : row.others) check(row.pattern, path, false);
  }
  CHECK(checked >= least);
}

TEST_CASE("glob: no special characters") {
  check_rows(
      {
          {"/etc/shadow", {"/etc/shadow"}, {"/etc/shadow-", "/etc/shado", "/etc/shadow/x", "/x/etc/shadow", ""}},
          {"/etc", {"/etc"}, {"/etcetera", "/etc/", "/etc/passwd", "/", "etc"}},
          {"/a b\n\xff", {"/a b\n\xff"}, {"/a b\n"}},
          {"/a.b+c(d){e}^$|", {"/a.b+c(d){e}^$|"}, {"/axb+c(d){e}^$|"}},
          {"/]-!^", {"/]-!^"}, {"/]"}},
      },
      18);
}

TEST_CASE("glob: stars and question marks stay within a component") {
  check_rows(
      {
          {"/tmp/*", {"/tmp/a", "/tmp/.a", "/tmp/a b", "/tmp/\xff"}, {"/tmp", "/tmp/a/b", "/tmpx"}},
          {"/tmp/*.txt", {"/tmp/a.txt", "/tmp/.txt", "/tmp/a.b.txt"}, {"/tmp/a.txt2", "/tmp/a/b.txt", "/tmp/atxt"}},
          {"/*/b", {"/a/b", "/aaa/b"}, {"/b", "/a/a/b", "/a/b/c", "/a/c"}},
          {"/a*b", {"/ab", "/axb", "/abb", "/axbxb"}, {"/a/b", "/abx", "/b"}},
          {"/a*b*c", {"/abc", "/a1b2c", "/abcbc"}, {"/acb", "/ab/c"}},
          {"/*", {"/a", "/"}, {"/a/b"}},
          {"/a?c",
           {"/abc", "/a?c",
            "/a\xff"
            "c"},
           {"/ac", "/a/c", "/abbc"}},
          {"/??", {"/ab"}, {"/a", "/abc", "/a/"}},
          {"/?*", {"/a", "/ab"}, {"/", "/a/"}},
          {"/proc/*/mem", {"/proc/1/mem", "/proc/self/mem"}, {"/proc/mem", "/proc/1/task/1/mem", "/proc/1/mem2"}},
      },
      42);
}

TEST_CASE("glob: sets") {
  check_rows(
      {
          {"/[abc]", {"/a", "/b", "/c"}, {"/d", "/", "/ab", "/[abc]"}},
          {"/[a-c]x", {"/ax", "/bx", "/cx"}, {"/dx", "/-x", "/x"}},
          {"/[a-cx-z0]", {"/b", "/y", "/0"}, {"/d", "/w", "/-"}},
          {"/[!a-c]", {"/d", "/-", "/!"}, {"/a", "/b", "/", "/dd"}},
          {"/[^a-c]", {"/d", "/^"}, {"/a"}},
          {"/[]a]", {"/]", "/a"}, {"/[", "/b"}},
          {"/[!]a]", {"/[", "/b"}, {"/]", "/a"}},
          {"/[a-]", {"/a", "/-"}, {"/b"}},
          {"/[-a]", {"/a", "/-"}, {"/b"}},
          {"/[a!^]", {"/a", "/!", "/^"}, {"/b"}},
          {"/[*?]", {"/*", "/?"}, {"/a", "/**"}},
          {"/[[]", {"/["}, {"/]", "/a"}},
          {"/a[/]b", {}, {"/a/b", "/ab"}},
          {"/a[!x]b", {"/ayb"}, {"/a/b", "/axb"}},
          {"/a[.-0]b", {"/a.b", "/a0b"}, {"/a/b"}},
          {"/[\x80-\xff]", {"/\x80", "/\xc3", "/\xff"}, {"/a", "/\x7f"}},
          {"/[c-a]", {}, {"/a", "/b", "/c"}},
          {"/[ab][cd]", {"/ac", "/bd"}, {"/ab", "/a"}},
          {"/[ab]*", {"/a", "/axx"}, {"/c", "/xa", "/a/b"}},
      },
      70);
}

TEST_CASE("glob: escapes") {
  check_rows(
      {
          {R"(/\*)", {"/*"}, {"/a", "/", R"(/\*)", R"(/\)"}},
          {R"(/\?)", {"/?"}, {"/a"}},
          {R"(/\[a])", {"/[a]"}, {"/a", R"(/\a)"}},
          {R"(/\\)", {R"(/\)"}, {R"(/\\)", "/a"}},
          {R"(/\a)", {"/a"}, {R"(/\a)"}},
          {R"(/a\/b)", {"/a/b"}, {"/ab", R"(/a\/b)"}},
          {R"(/*\**)", {"/*", "/a*b"}, {"/ab", "/a*/b"}},
          {R"(/\**)", {"/*", "/*a"}, {"/a", "/*/a"}},
          {R"(/[\]])", {"/]"}, {R"(/\)", R"(/\])", "/a"}},
          {R"(/[a\-c])", {"/a", "/-", "/c"}, {"/b", R"(/\)"}},
          {R"(/[\\])", {R"(/\)"}, {"/a"}},
          {R"(/[\!a])", {"/!", "/a"}, {"/b"}},
      },
      35);
}

TEST_CASE("glob: two stars cross components") {
  check_rows(
      {
          {"/a/**/z", {"/a/z", "/a/b/z", "/a/b/c/z"}, {"/az", "/a/bz", "/a", "/a/z/b", "/b/a/z"}},
          {"/**/z", {"/z", "/a/z", "/a/b/z"}, {"/az", "/a/bz", "/z/a"}},
          {"**/z", {"/z", "/a/z", "/a/b/z", "z"}, {"/az", "/a/zz", "/z/a"}},
          {"**/.env", {"/.env", "/srv/app/.env"}, {"/srv/x.env", "/srv/.env.bak", "/.env/x"}},
          {"**/*.pem", {"/a.pem", "/x/y/b.pem", "/.pem"}, {"/a.pem/x", "/apem"}},
          {"**", {"/", "/a", "/a/b", ""}, {}},
          {"/a/**b", {"/a/b", "/a/xb", "/a/x/yb"}, {"/a/bc", "/ab"}},
          {"/a**b", {"/ab", "/axb", "/ax/yb", "/a/b"}, {"/abc"}},
          {"/a**/b", {"/a/b", "/ax/b", "/a/x/b", "/ax/y/b"}, {"/ab", "/axb", "/a/xb"}},
          {"/*/**/z", {"/a/z", "/a/b/z"}, {"/z", "/az"}},
          {"/**/*/z", {"/a/z", "/a/b/z"}, {"/z"}},
          {"/**/a/**/b", {"/a/b", "/x/a/y/b", "/a/a/b/b"}, {"/b/a", "/a", "/xa/b"}},
          {"/a/**/**/z", {"/a/z", "/a/b/z", "/a/b/c/z"}, {"/az"}},
          {"/a/***/z", {"/a/b/z", "/a/b/c/z"}, {"/az", "/a/bz"}},
          {"/a/?**", {"/a/b", "/a/b/c"}, {"/a", "/a/"}},
          {"**a", {"/a", "/x/ba"}, {"/ab"}},
      },
      62);
}

TEST_CASE("glob: everything below, and the directory itself") {
  check_rows(
      {
          {"/etc/", {"/etc", "/etc/", "/etc/passwd", "/etc/ssl/certs/x"}, {"/etcx", "/etc-/x", "/", "/x/etc/y"}},
          {"/etc/**", {"/etc", "/etc/passwd", "/etc/ssl/certs/x"}, {"/etcx", "/etc-/x", "/"}},
          {"/", {"/", "/a", "/a/b"}, {"pipe:[1]"}},
          {"/**", {"/", "/a", "/a/b"}, {"pipe:[1]"}},
          {"/home/*/.ssh/",
           {"/home/me/.ssh", "/home/me/.ssh/id"},
           {"/home/.ssh/id", "/home/me/.sshx", "/home/a/b/.ssh"}},
          {"**/node_modules/", {"/node_modules", "/a/node_modules/b/c"}, {"/a/xnode_modules/b", "/a/node_modulesx"}},
          {"/a*/", {"/a", "/ab/c/d"}, {"/b/a"}},
          {"/a/?/", {"/a/b", "/a/b/c/d"}, {"/a", "/a/", "/a/bc"}},
          {"/a/*/**", {"/a/b", "/a/b/c/d"}, {"/a"}},
          {"**/", {"/", "/a/b"}, {}},
          {R"(/a\/)", {"/a/"}, {"/a", "/a/b"}},
          {R"(/a\\/)", {R"(/a\)", R"(/a\/b)"}, {"/a", "/a/b"}},
          {"/[/]/", {}, {"/", "//", "/a"}},
      },
      40);
}

TEST_CASE("glob: without a slash at the beginning it may begin anywhere") {
  check_rows(
      {
          {"shadow", {"/shadow", "/etc/shadow", "shadow"}, {"/etc/shadow-", "/etc/xshadow", "/shadow/x"}},
          {"*.pem", {"/a.pem", "/x/y/b.pem"}, {"/a.pem/x", "/x/apem"}},
          {"etc/shadow", {"/etc/shadow", "/chroot/etc/shadow"}, {"/petc/shadow", "/etc/x/shadow"}},
          {".git/", {"/.git", "/a/.git/config"}, {"/a.git/config", "/.gitignore"}},
          {"?", {"/a", "/x/b"}, {"/ab", "/"}},
          {"[ab]", {"/a", "/x/b"}, {"/c", "/ab"}},
          {R"(\*)", {"/*", "/a/*"}, {"/a"}},
          {"pipe:*", {"pipe:[77]"}, {"socket:[77]"}},
          {"memfd:x", {"memfd:x"}, {"memfd:xy"}},
          {R"(\/a)", {"/x//a"}, {"/ax"}},
      },
      32);
}

TEST_CASE("glob: what is no pattern") {
  for (const char* pattern : {"", "/[", "/[a", "/[a-", "/[!", "/[^", "/[]", "/[!]", "/a[b/", "[", R"(/\)", R"(\)",
                              R"(/a\\\)", R"(/[\])", R"(/[a\])", R"(/[\)"}) {
    CAPTURE(std::string(pattern));
    const auto glob = Glob::parse(pattern);
    REQUIRE_FALSE(bool(glob));
    CHECK(glob.error().exit_code == ExitCode::kUsage);
    CHECK_FALSE(glob.error().message.empty());
  }
}

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

std::string repeated(const std::string& part, int times) {
  std::string all;
  for (int i = 0; i < times; i++) all += part;
  return all;
}

TEST_CASE("glob: no pattern takes long") {
  const std::string path = "/" + std::string(4094, 'a');
  const std::string deep = repeated("/a", 2047);
  const std::string patterns[] = {
      "/" + repeated("a*", 500) + "b", "/" + repeated("*a", 500) + "b",   "/" + std::string(4094, '*') + "b",
      repeated("/**", 500) + "/b",     repeated("**/", 1300) + "b",       "/" + repeated("?*", 500) + "b",
      repeated("/*", 500) + "b",       repeated("**/*", 500) + "/b",      "/" + repeated("**a", 500) + "b",
      repeated("/**/a", 300) + "b",    "/" + repeated("[!b]*", 500) + "b"};
  // what one step for each byte of the path takes here
  double step = 1e9;
  for (int turn = 0; turn < 5; turn++) {
    const double before = cpu_seconds();
    for (int times = 0; times < 100; times++) CHECK_FALSE(matches("/**b", path));
    step = std::min(step, (cpu_seconds() - before) / 100);
  }
  const double before = cpu_seconds();
  for (const std::string& pattern : patterns) {
    CHECK_FALSE(matches(pattern, path));
    CHECK_FALSE(matches(pattern, deep));
  }
  // each is some hundred times as much; with one power more it would be a thousand times that
  const double longest = 22 * 30'000 * step, took = cpu_seconds() - before;
  MESSAGE("took ", took / step / 22, " steps each");
  CHECK(took < longest);
  CHECK(matches("/" + repeated("a*", 500) + "a", path));
  CHECK(matches(repeated("**/", 1300) + "a", deep));
}

class Random {
 public:
  unsigned below(unsigned bound) { return static_cast<unsigned>(random_() % bound); }
  std::string pick(const std::vector<std::string>& parts, unsigned most) {
    std::string all;
    for (unsigned n = below(most + 1); n > 0; n--) all += parts[below(static_cast<unsigned>(parts.size()))];
    return all;
  }

 private:
  std::mt19937 random_{20'261'120};
};

TEST_CASE("glob: agrees with fnmatch(3) where both mean the same") {
  const std::vector<std::string> parts = {"a",    "b",    "/a",   "/b",   "*",     "?",     "[ab]",
                                          "[!a]", "[a-]", "[b-]", "[]a]", "[!]b]", "\\*",   "\\a",
                                          "[*]",  "-",    "]",    "\\\\", "[\\]]", "[\\a]", "[a\\-b]"};
  const std::vector<std::string> bytes = {"a", "b", "/", "/a", "*", "]", "-", "\\"};
  Random random;
  const int pairs = is_emulated() ? 20'000 : 200'000;
  int matched = 0, compared = 0;
  for (int i = 0; i < pairs; i++) {
    const std::string pattern = "/" + random.pick(parts, 6), path = "/" + random.pick(bytes, 6);
    if (pattern.ends_with('/') || pattern.find("**") != std::string::npos) continue;
    const bool expected = fnmatch(pattern.c_str(), path.c_str(), FNM_PATHNAME) == 0;
    if (matches(pattern, path) != expected) FAIL(pattern, " and ", path, ": fnmatch says ", expected);
    compared++;
    matched += expected;
  }
  CHECK(compared > pairs / 2);
  CHECK(matched > pairs / 200);
}

}  // namespace
}  // namespace aa::test
