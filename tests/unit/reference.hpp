// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What escaping is held against: decoders written from the standards' definitions, in another way than the product's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aa::test {

std::string encode_utf8(std::uint32_t code);

// With one U+FFFD for each maximal subpart of an ill-formed sequence (Unicode 3.9), as bytes.decode(errors="replace").
std::string replace_ill_formed(std::string_view bytes);
bool is_valid_utf8(std::string_view bytes);

// The code points of valid UTF-8.
std::vector<std::uint32_t> code_points(std::string_view utf8);

// A control, C1, bidirectional or line-separator character: none may be in the output.
bool is_hostile(std::uint32_t code);
bool has_hostile(std::string_view utf8);

// The bytes that a quoted string of the text format stands for; nothing if it is none.
std::optional<std::string> unescape_text(std::string_view quoted);

// RFC 4648, with padding.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace aa::test
