// SPDX-License-Identifier: MIT OR Apache-2.0
//
// How wide text is on a terminal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace aa {

// Columns of text that escape.hpp has made: valid UTF-8 without control characters. East Asian wide characters and
// emoji take two, combining marks none (Unicode 15, EastAsianWidth and UnicodeData).
std::size_t columns_of(std::string_view text);

// Cuts it to so many columns, the last of which is then an ellipsis.
void cut_to_columns(std::string& text, std::size_t columns);

// A path, in so many columns: without some of the components behind the first two, for which an ellipsis stands. One
// that is too long without them stays whole.
void elide_to_columns(std::string& path, std::size_t columns);

// "85B", "1000B", "3.4K", "12M": at most five characters.
void append_size(std::string& out, std::uint64_t bytes);

}  // namespace aa
