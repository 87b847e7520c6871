// SPDX-License-Identifier: MIT OR Apache-2.0
#include "output/columns.hpp"

#include <doctest/doctest.h>

namespace aa::test {

TEST_CASE("columns: wide characters take two, combining ones none") {
  CHECK(columns_of("") == 0);
  CHECK(columns_of("abc") == 3);
  CHECK(columns_of("\u00e9\u0416") == 2);
  CHECK(columns_of("e\u0301") == 1);
  CHECK(columns_of("\u6f22\u5b57") == 4);
  CHECK(columns_of("\uac00\uff21") == 4);
  CHECK(columns_of("\U0001f600") == 2);
  CHECK(columns_of("\u2026\ufffd") == 2);
}

TEST_CASE("columns: what is cut ends with an ellipsis") {
  const auto cut = [](std::string text, std::size_t columns) {
    cut_to_columns(text, columns);
    return text;
  };
  CHECK(cut("abcdef", 6) == "abcdef");
  CHECK(cut("abcdef", 5) == "abcd\u2026");
  CHECK(cut("abcdef", 1) == "\u2026");
  CHECK(cut("abcdef", 0) == "abcdef");
  CHECK(cut("\u6f22\u5b57\u6f22", 4) == "\u6f22\u2026");
  CHECK(cut("\u6f22\u5b57\u6f22", 5) == "\u6f22\u5b57\u2026");
}

TEST_CASE("columns: sizes for people") {
  const std::pair<std::uint64_t, const char*> rows[] = {
      {0, "0B"},           {1, "1B"},         {1000, "1000B"},     {1023, "1023B"},
      {1024, "1.0K"},      {10'188, "9.9K"},  {10'240, "10K"},     {1'023'000, "999K"},
      {1'023'999, "1.0M"}, {1 << 20, "1.0M"}, {12'345'678, "12M"}, {1ull << 40, "1.0T"},
      {~0ull, "16E"},
  };
  for (const auto& [bytes, text] : rows) {
    std::string out;
    append_size(out, bytes);
    CHECK(out == text);
    CHECK(out.size() <= 5);
  }
}

TEST_CASE("columns: what stands in the middle of a path is left out, if that is enough") {
  struct Row {
    const char* path;
    std::size_t columns;
    const char* shown;
  };
  for (const Row& row :
       {Row{"/usr/lib/a/b/c/file.js", 22, "/usr/lib/a/b/c/file.js"},
        Row{"/usr/lib/a/b/c/file.js", 21, "/usr/lib/\u2026/c/file.js"},
        Row{"/usr/lib/a/b/c/file.js", 20, "/usr/lib/\u2026/c/file.js"},
        Row{"/usr/lib/a/b/c/file.js", 18, "/usr/lib/\u2026/file.js"},
        Row{"/usr/lib/a/b/c/file.js", 17, "/usr/lib/a/b/c/file.js"}, Row{"/usr/lib/file.js", 5, "/usr/lib/file.js"},
        Row{"/usr/lib", 3, "/usr/lib"}, Row{"/usr/lib/\u6f22\u5b57/x/y/z", 16, "/usr/lib/\u2026/x/y/z"}}) {
    std::string path = row.path;
    CAPTURE(path);
    elide_to_columns(path, row.columns);
    CHECK(path == row.shown);
  }
}

}  // namespace aa::test
