// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Paths as text.
#include "base/path_text.hpp"

#include <doctest/doctest.h>

#include <string>
#include <tuple>

namespace aa::test {
namespace {

std::string absolute(std::string_view root, std::string_view directory, std::string_view path) {
  std::string out = "what was there before";
  make_absolute(root, directory, path, out);
  return out;
}

TEST_CASE("lexical: make_absolute") {
  struct Row {
    const char *directory, *path, *expected;
  };
  for (const Row& row : {Row{"/a/b", "c", "/a/b/c"},
                         {"/a/b", "/c", "/c"},
                         {"/a/b", "./c", "/a/b/c"},
                         {"/a/b", "../c", "/a/c"},
                         {"/a/b", "../../../c", "/c"},
                         {"/a/b", "c/..", "/a/b"},
                         {"/a/b", "..", "/a"},
                         {"/a/b", "", "/a/b"},
                         {"/a/b", ".", "/a/b"},
                         {"/", "c", "/c"},
                         {"/", "..", "/"},
                         {"/", "", "/"},
                         {"/a", "//c//d//", "/c/d"},
                         {"/a", "b//./c/", "/a/b/c"},
                         {"/a", "...", "/a/..."},
                         {"/a", "..b/.c", "/a/..b/.c"},
                         {"/a", "/", "/"},
                         {"/a", "/../..", "/"},
                         {"/a", "/b/../../c", "/c"}}) {
    CAPTURE(std::string(row.path));
    CHECK(absolute("/", row.directory, row.path) == row.expected);
  }
}

TEST_CASE("lexical: make_absolute in a root of its own") {
  struct Row {
    const char *root, *directory, *path, *expected;
  };
  for (const Row& row : {Row{"/jail", "/jail/a", "b", "/jail/a/b"},
                         {"/jail", "/jail/a", "..", "/jail"},
                         {"/jail", "/jail/a", "../..", "/jail"},
                         {"/jail", "/jail/a", "../../b", "/jail/b"},
                         {"/jail", "/jail", "../../../b", "/jail/b"},
                         {"/jail", "/jail", "", "/jail"},
                         {"/jail", "/jail", ".", "/jail"},
                         {"/jail", "/jail", "a/../../b/../c", "/jail/c"},
                         {"/jail", "/x", "/b", "/jail/b"},
                         {"/jail", "/x", "/", "/jail"},
                         {"/jail", "/x", "//..//../b", "/jail/b"},
                         {"/jail/in", "/jail/in/a", "../../b", "/jail/in/b"},
                         // a directory outside of the root: no floor below it
                         {"/jail", "/jailer/a", "../../b", "/b"},
                         {"/jail", "/jai", "../b", "/b"},
                         {"/jail", "/", "..", "/"},
                         {"/jail/in", "/jail", "..", "/"},
                         {"/jail", "/other", "/b", "/jail/b"},
                         // one without a place
                         {"/", "pipe:[77]", "", "pipe:[77]"},
                         {"/", "pipe:[77]", "a", "pipe:[77]/a"},
                         {"/", "pipe:[77]", "../../a", "pipe:[77]/a"},
                         {"/", "pipe:[77]", "/a", "/a"},
                         {"/jail", "pipe:[77]", "/../a", "/jail/a"},
                         {"/jail", "pipe:[77]", "..", "pipe:[77]"}}) {
    CAPTURE(std::string(row.directory));
    CAPTURE(std::string(row.path));
    CHECK(absolute(row.root, row.directory, row.path) == row.expected);
  }
}

TEST_CASE("lexical: keep_known") {
  const std::tuple<const char*, const char*, const char*> rows[] = {
      {"/a/b/c", "x", "/a/b/c"},        {"/a/b/c", "x/../y/./z", "/a/b/c"}, {"/a/b/c", "..", "/a/b"},
      {"/a/b/c", "x/../../y", "/a/b"},  {"/a/b/c", "../../..", "/"},        {"/a/b/c", "../../../../x", "/"},
      {"/a/b/c", "...", "/a/b/c"},      {"/a/b/c", "//.//", "/a/b/c"},      {"/", "..", "/"},
      {"/a/b/c", "/x/../../y", "/a/b"},
  };
  for (const auto& [directory, path, expected] : rows) {
    CAPTURE(std::string(directory));
    CAPTURE(std::string(path));
    std::string out = "before";
    keep_known(directory, path, out);
    CHECK(out == expected);
  }
}

TEST_CASE("lexical: base_name") {
  const std::pair<const char*, const char*> rows[] = {{"/bin/sh", "sh"}, {"sh", "sh"},     {"/", "/"},   {"//", "/"},
                                                      {"", ""},          {"/a/b/", "b"},   {"a//", "a"}, {"./x", "x"},
                                                      {"/a/.", "."},     {"/a/b c", "b c"}};
  for (const auto& [path, name] : rows) {
    CAPTURE(std::string(path));
    CHECK(base_name(path) == name);
  }
}

}  // namespace
}  // namespace aa::test
