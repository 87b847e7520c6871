// SPDX-License-Identifier: MIT OR Apache-2.0
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/spelling.hpp"

namespace aa::test {
namespace {

TEST_CASE("words: the nearest one") {
  const std::vector<std::string> words = {"fork", "exec", "exit"};
  CHECK(nearest_word("exce", words) == "exec");
  CHECK(nearest_word("exi", words) == "exit");
  CHECK(nearest_word("EXEC", words) == "exec");
  CHECK(nearest_word("forks", words) == "fork");
  CHECK(nearest_word("exec", words) == "exec");
  CHECK(nearest_word("something-else", words) == "");
  CHECK(nearest_word("x", {}) == "");
}

TEST_CASE("words: two letters that changed places are one slip") {
  const std::vector<std::string> words = {"fork", "exec", "exit"};
  CHECK(nearest_word("frok", words) == "fork");
  CHECK(nearest_word("eixt", words) == "exit");
  CHECK(nearest_word("ab", {"ba"}) == "ba");
  CHECK(nearest_word("abcd", {"badc"}) == "");  // two slips in four letters
  CHECK(nearest_word("no-watch-childs", {"no-watch-children"}) == "no-watch-children");
}

TEST_CASE("words: no more slips than one for three letters, at least one") {
  CHECK(nearest_word("x", {"y"}) == "y");
  CHECK(nearest_word("x", {"yz"}) == "");
  CHECK(nearest_word("mkae", {"make"}) == "make");
  CHECK(nearest_word("dupe", {"open", "unlink"}) == "");
  CHECK(nearest_word("socket", {"close"}) == "");
  CHECK(nearest_word("abcdef", {"abcdxy"}) == "abcdxy");
  CHECK(nearest_word("abcdef", {"abcxyz"}) == "");
  CHECK(nearest_word("", {"a", "exec"}) == "");
}

}  // namespace
}  // namespace aa::test
