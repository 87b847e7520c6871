// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Strings of hostile origin on their way to a terminal or a JSON parser. Whatever bytes go in: what comes out is valid
// UTF-8 on one line and has no control, C1, bidirectional or line-separator character, and none that nobody sees.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace aa {

// In double quotes: \\ \" \n \r \t; other control characters and bytes that are no UTF-8 as \xNN; the characters above
// as \u{202e}.
void append_text_string(std::string& out, std::string_view bytes);

// Several of them in one pair of quotes, with `separator` (no backslash, letter or digit) between them; within one of
// them it is \xNN.
void append_text_list(std::string& out, const std::vector<std::string_view>& strings, char separator);

// The same without quotes around it, and quotes and backslashes as they are: for messages.
std::string one_line(std::string_view message);

// A JSON string. Returns false if the bytes were no valid UTF-8: each maximal ill-formed part (Unicode, 3.9, as in the
// decoders of Python and browsers) has become U+FFFD, and the exact bytes belong beside it in base64.
bool append_json_string(std::string& out, std::string_view bytes);

// In double quotes, RFC 4648 section 4, with padding.
void append_base64(std::string& out, std::string_view bytes);

}  // namespace aa
