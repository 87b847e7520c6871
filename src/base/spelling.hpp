// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace aa {

// "did you mean" for a word that is none of `words`: one that begins with it, or the nearest by edit distance; empty if
// none is as near as one slip for three letters. Two letters that changed places are one slip.
std::string nearest_word(std::string_view word, const std::vector<std::string>& words);

}  // namespace aa
