// SPDX-License-Identifier: MIT OR Apache-2.0
#include "base/spelling.hpp"

#include <algorithm>
#include <cctype>
#include <numeric>

namespace aa {
namespace {

// Damerau's distance, row by row: letters replaced, added, left out, and pairs that changed places (none is touched
// twice). Only the two rows above are looked at.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> second(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); i++) {
    second.swap(above);
    above.swap(row);
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); j++) {
      row[j + 1] = std::min({above[j] + (a[i] != b[j]), row[j] + 1, above[j + 1] + 1});
      const bool swapped = i && j && a[i] == b[j - 1] && a[i - 1] == b[j];
      if (swapped) row[j + 1] = std::min(row[j + 1], second[j - 1] + 1);
    }
  }
  return row.back();
}

}  // namespace

std::string nearest_word(std::string_view written, const std::vector<std::string>& words) {
  if (written.empty()) return "";
  std::string word(written);
  for (char& c : word) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  std::string nearest;
  // further off it is another word, not this one with a slip
  std::size_t least = std::max<std::size_t>(word.size() / 3, 1) + 1;
  for (const std::string& candidate : words) {
    if (word.size() > 2 && candidate.starts_with(word)) return candidate;
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace aa
