// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The patterns of path rules, taken apart: what they become, and which are none.
#include "rules/pattern.hpp"

#include <doctest/doctest.h>

#include "events.h"

namespace aa::test {
namespace {

using Shape = Pattern::Shape;

std::string repeated(const std::string& part, int times) {
  std::string all;
  for (int i = 0; i < times; i++) all += part;
  return all;
}

struct Row {
  std::string pattern;
  Shape shape;
  std::string above;  // the parts
  std::string rest;   // the name or glob
  bool below = false;
};

void check_rows(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    CAPTURE(row.pattern);
    const auto pattern = parse_pattern(row.pattern);
    if (!pattern) FAIL(pattern.error().message);
    CHECK(pattern->shape == row.shape);
    CHECK(joined_path(pattern->parts) == row.above);
    CHECK((row.shape == Shape::kGlob ? pattern->glob : pattern->name) == row.rest);
    CHECK(pattern->below == row.below);
  }
}

TEST_CASE("pattern: a path") {
  check_rows({
      {"/", Shape::kPath, "/", "", true},
      {"/**", Shape::kPath, "/", "", true},
      {"//", Shape::kPath, "/", "", true},
      {"/.", Shape::kPath, "/", ""},
      {"/etc", Shape::kPath, "/etc", ""},
      {"/etc/", Shape::kPath, "/etc", "", true},
      {"/etc/**", Shape::kPath, "/etc", "", true},
      {"/etc//**//", Shape::kPath, "/etc", "", true},
      {"//etc///ssh", Shape::kPath, "/etc/ssh", ""},
      {"/./etc/./ssh/.", Shape::kPath, "/etc/ssh", ""},
      {"/etc/../var", Shape::kPath, "/var", ""},
      {"/../../etc", Shape::kPath, "/etc", ""},
      {"/a/b/..", Shape::kPath, "/a", ""},
      {"/a/..", Shape::kPath, "/", ""},
      {"/.../..a", Shape::kPath, "/.../..a", ""},
      {R"(/\*a\?\[b\])", Shape::kPath, "/*a?[b]", ""},
      {R"(/a\\)", Shape::kPath, R"(/a\)", ""},
      {R"(/a\\/)", Shape::kPath, R"(/a\)", "", true},
      {R"(/\e\t\c)", Shape::kPath, "/etc", ""},
      {"/]a!^-{b}", Shape::kPath, "/]a!^-{b}", ""},
      {"/a b\t", Shape::kPath, "/a b\t", ""},
      {"/\xff\n", Shape::kPath, "/\xff\n", ""},
  });
}

TEST_CASE("pattern: a name anywhere, or how one ends") {
  check_rows({
      {"**/.env", Shape::kName, "/", ".env"},
      {"/**/.env", Shape::kName, "/", ".env"},
      {"**/**/.env", Shape::kName, "/", ".env"},
      {"**//./.env", Shape::kName, "/", ".env"},
      {"**/.git/", Shape::kName, "/", ".git", true},
      {"**/.git/**", Shape::kName, "/", ".git", true},
      {R"(**/a\*)", Shape::kName, "/", "a*"},
      {"**/*.pem", Shape::kSuffix, "/", ".pem"},
      {"/**/*.pem", Shape::kSuffix, "/", ".pem"},
      {R"(**/*.\*)", Shape::kSuffix, "/", ".*"},
      {"**/*.", Shape::kSuffix, "/", "."},
  });
}

TEST_CASE("pattern: everything else is a glob below what is plain of it") {
  check_rows({
      {"/proc/*/mem", Shape::kGlob, "/proc", "*/mem"},
      {"/a/b*/c", Shape::kGlob, "/a", "b*/c"},
      {"/a/../b/[c]", Shape::kGlob, "/b", "[c]"},
      {"/*", Shape::kGlob, "/", "*"},
      {"/*.pem", Shape::kGlob, "/", "*.pem"},
      {"/a/**/b", Shape::kGlob, "/a", "**/b"},
      {"/a/*/", Shape::kGlob, "/a", "*/", true},
      {"/a/*/**", Shape::kGlob, "/a", "*/", true},
      {"/a/*//b/./c", Shape::kGlob, "/a", "*/b/c"},
      {"/a/*/.", Shape::kGlob, "/a", "*"},
      {R"(/a/*\/)", Shape::kGlob, "/a", R"(*\/)"},
      {"**/a/b", Shape::kGlob, "/", "**/a/b"},
      {"**/*.tar.gz", Shape::kGlob, "/", "**/*.tar.gz"},
      {"**/*.pem/", Shape::kGlob, "/", "**/*.pem/", true},
      {"**/x*", Shape::kGlob, "/", "**/x*"},
      {"**/*.p?m", Shape::kGlob, "/", "**/*.p?m"},
      {"**/", Shape::kGlob, "/", "**/", true},
  });
}

TEST_CASE("pattern: what is none") {
  const std::string rows[] = {
      "",
      "etc",
      "etc/",
      "./etc",
      "../etc",
      "*",
      "**",
      "*.pem",
      "**x",
      "**.pem",
      "[/]",
      "~",
      "~/",
      "~/x",
      "~me/x",
      " /etc",
      R"(\/etc)",
      "\xef\xbb\xbf/etc",
      "pipe:[1]",  // another beginning
      "/[",
      "/[]",
      "/[!]",
      "/a[b",
      "/a/[b/c",
      "**/[",
      R"(/\)",
      R"(/a\)",
      R"(/a\\\)",
      R"(**/\)",
      R"(/[\])",  // no end
      "/*/..",
      "/*/../etc",
      "/a/*/b/../c",
      "**/..",
      "**/../etc",
      "/[a]/..",
      "/?/../x",  // leads up from anywhere
      std::string("/a\0b", 4),
      std::string("\0", 1),
      std::string("**/a\0", 5),
      "/" + std::string(4 * AA_PATH_MAX, 'a'),
  };
  for (const std::string& row : rows) {
    CAPTURE(row);
    const auto pattern = parse_pattern(row);
    REQUIRE_FALSE(bool(pattern));
    CHECK(pattern.error().exit_code == ExitCode::kUsage);
    CHECK_FALSE(pattern.error().message.empty());
    CHECK(pattern.error().message.size() < 2 * AA_PATH_MAX);
  }
}

TEST_CASE("pattern: as long as a path can be, every byte of it escaped") {
  const std::string longest = repeated("/" + std::string(255, 'a'), 15) + "/" + std::string(254, 'b');
  REQUIRE(longest.size() == AA_PATH_MAX - 1);
  std::string escaped;
  for (const char c : longest) escaped.append(c == '/' ? "" : "\\").push_back(c);
  for (const std::string& text : {longest, escaped, quoted_pattern(longest)}) {
    const auto pattern = parse_pattern(text);
    REQUIRE(bool(pattern));
    CHECK(joined_path(pattern->parts) == longest);
  }
  const auto deep = parse_pattern(repeated("/a", 2047));
  REQUIRE(bool(deep));
  CHECK(deep->parts.size() == 2047);
}

TEST_CASE("pattern: a quoted path is a pattern of itself") {
  for (const char* path : {"/", "/a", "/a*b", "/[a]", "/a?", R"(/a\)", R"(/\*)", "/**/a", "/a b", "/\xff", "/!^-]{}"}) {
    CAPTURE(path);
    const auto pattern = parse_pattern(quoted_pattern(path));
    REQUIRE(bool(pattern));
    CHECK(pattern->shape == Shape::kPath);
    CHECK(joined_path(pattern->parts) == path);
  }
}

TEST_CASE("pattern: paths are split and joined") {
  using Parts = std::vector<std::string>;
  const std::pair<const char*, Parts> rows[] = {
      {"", {}},
      {"/", {}},
      {"/a", {"a"}},
      {"/a/b", {"a", "b"}},
      {"a/b", {"a", "b"}},
      {"//a///b//", {"a", "b"}},
      {"/a/./b/../c", {"a", "c"}},
      {"/../a", {"a"}},
  };
  for (const auto& [path, parts] : rows) {
    CAPTURE(path);
    CHECK(split_path(path) == parts);
  }
  CHECK(joined_path({}) == "/");
  CHECK(joined_path({"a", "b"}) == "/a/b");
}

}  // namespace
}  // namespace aa::test
