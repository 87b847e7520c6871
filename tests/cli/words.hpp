// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Lists in one string: "O_RDWR|O_CREAT".
#pragma once

#include <algorithm>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace aa::test {

inline std::vector<std::string> words(std::string_view text, char between) {
  std::vector<std::string> list;
  std::istringstream in{std::string(text)};
  for (std::string word; std::getline(in, word, between);) list.push_back(word);
  return list;
}

inline bool has_word(std::string_view text, std::string_view word, char between = '|') {
  const auto list = words(text, between);
  return std::find(list.begin(), list.end(), word) != list.end();
}

inline std::string sorted(std::vector<std::string> list, char between) {
  std::sort(list.begin(), list.end());
  std::string text;
  for (const auto& word : list) text += (text.empty() ? "" : std::string(1, between)) + word;
  return text;
}

}  // namespace aa::test
