// SPDX-License-Identifier: MIT OR Apache-2.0
#include "base/escape.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <type_traits>

#include "base/format.hpp"

namespace aa {
namespace {

struct Character {
  std::uint32_t code;  // meaningless if not valid
  unsigned length;     // bytes; of an ill-formed part if not valid
  bool valid;
};

// Bounds of the second byte by the first: they keep out overlong forms, surrogates and what is above U+10FFFF
// (Unicode, table 3-7).
struct Lead {
  std::uint8_t length, low, high;
};

constexpr Lead lead_of(std::uint8_t byte) {
  if (byte >= 0xC2 && byte <= 0xDF) return {2, 0x80, 0xBF};
  if (byte == 0xE0) return {3, 0xA0, 0xBF};
  if (byte == 0xED) return {3, 0x80, 0x9F};
  if (byte >= 0xE1 && byte <= 0xEF) return {3, 0x80, 0xBF};
  if (byte == 0xF0) return {4, 0x90, 0xBF};
  if (byte >= 0xF1 && byte <= 0xF3) return {4, 0x80, 0xBF};
  if (byte == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

// The character that starts with the non-ASCII byte at `at`.
Character decode_multibyte(std::string_view bytes, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
  const Lead lead = lead_of(byte(at));
  if (lead.length == 0) return {0, 1, false};
  std::uint32_t code = byte(at) & (0x7F >> lead.length);
  for (unsigned i = 1; i < lead.length; i++) {
    const std::uint8_t low = i == 1 ? lead.low : 0x80;
    const std::uint8_t high = i == 1 ? lead.high : 0xBF;
    if (at + i >= bytes.size() || byte(at + i) < low || byte(at + i) > high) return {0, i, false};
    code = code << 6 | (byte(at + i) & 0x3F);
  }
  return {code, lead.length, true};
}

struct Range {
  std::uint32_t first, last;
};

// Characters that could move a cursor, end a line, turn the reading order round, or that nobody sees: categories Cc,
// Cf, Zl, Zp and Zs, and Default_Ignorable_Code_Point (Unicode 15, UnicodeData and DerivedCoreProperties), but the
// space; and what is blank by its nature: a pattern of Braille, hieroglyphs, a Khitan filler, a note. In order.
constexpr Range kHidden[] = {
    {0x80, 0xA0},       {0xAD, 0xAD},       {0x34F, 0x34F},     {0x600, 0x605},     {0x61C, 0x61C},
    {0x6DD, 0x6DD},     {0x70F, 0x70F},     {0x890, 0x891},     {0x8E2, 0x8E2},     {0x115F, 0x1160},
    {0x1680, 0x1680},   {0x17B4, 0x17B5},   {0x180B, 0x180F},   {0x2000, 0x200F},   {0x2028, 0x202F},
    {0x205F, 0x206F},   {0x2800, 0x2800},   {0x3000, 0x3000},   {0x3164, 0x3164},   {0xFE00, 0xFE0F},
    {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFB},   {0x110BD, 0x110BD}, {0x110CD, 0x110CD},
    {0x13430, 0x1343F}, {0x13441, 0x13442}, {0x16FE4, 0x16FE4}, {0x1BCA0, 0x1BCA3}, {0x1D159, 0x1D159},
    {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
};

constexpr bool must_not_show(std::uint32_t code) {
  const Range* const range = std::lower_bound(std::begin(kHidden), std::end(kHidden), code,
                                              [](const Range& r, std::uint32_t c) { return r.last < c; });
  return range != std::end(kHidden) && range->first <= code;
}

// ASCII that stands for itself in both formats.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (unsigned c = 0x20; c < 0x7F; c++) plain[c] = c != '"' && c != '\\';
  return plain;
}();

constexpr char kHex[] = "0123456789abcdef";

// The letter of a two-character escape that both formats know, or 0.
constexpr char short_escape(char c) {
  switch (c) {
    case '"': return '"';
    case '\\': return '\\';
    case '\n': return 'n';
    case '\r': return 'r';
    case '\t': return 't';
    default: return 0;
  }
}

void append_hex_byte(std::string& out, char c) {
  const auto byte = static_cast<std::uint8_t>(c);
  out.append({'\\', 'x', kHex[byte >> 4], kHex[byte & 15]});
}

struct TextStyle {
  static void control(std::string& out, char c) { append_hex_byte(out, c); }
  static void hidden(std::string& out, std::uint32_t code) {
    fmt::format_to(std::back_inserter(out), "\\u{{{:x}}}", code);
  }
  static void ill_formed(std::string& out, std::string_view part) {
    for (const char c : part) append_hex_byte(out, c);
  }
};

struct JsonStyle {
  static void control(std::string& out, char c) { hidden(out, static_cast<std::uint8_t>(c)); }
  // above U+FFFF a pair of surrogates, RFC 8259 section 7
  static void hidden(std::string& out, std::uint32_t code) {
    if (code > 0xFFFF) {
      hidden(out, 0xD7C0 + (code >> 10));
      code = 0xDC00 | (code & 0x3FF);
    }
    fmt::format_to(std::back_inserter(out), "\\u{:04x}", code);
  }
  static void ill_formed(std::string& out, std::string_view) { out += "\xEF\xBF\xBD"; }
};

struct MessageStyle : TextStyle {};

template <typename Style>
constexpr bool kQuoted = !std::is_same_v<Style, MessageStyle>;

template <typename Style>
bool append_escaped(std::string& out, std::string_view bytes) {
  bool valid = true;
  std::size_t at = 0;
  if (kQuoted<Style>) out.push_back('"');
  while (at < bytes.size()) {
    const std::size_t plain_from = at;
    while (at < bytes.size() && kPlain[static_cast<std::uint8_t>(bytes[at])]) at++;
    out.append(bytes, plain_from, at - plain_from);
    if (at == bytes.size()) break;
    const char c = bytes[at];
    if (static_cast<std::uint8_t>(c) < 0x80) {
      if (!kQuoted<Style> && (c == '"' || c == '\\')) {
        out.push_back(c);
      } else if (const char letter = short_escape(c)) {
        out.append({'\\', letter});
      } else {
        Style::control(out, c);
      }
      at++;
      continue;
    }
    const Character character = decode_multibyte(bytes, at);
    const std::string_view part = bytes.substr(at, character.length);
    if (!character.valid) {
      Style::ill_formed(out, part);
      valid = false;
    } else if (must_not_show(character.code)) {
      Style::hidden(out, character.code);
    } else {
      out.append(part);
    }
    at += character.length;
  }
  if (kQuoted<Style>) out.push_back('"');
  return valid;
}

}  // namespace

void append_text_string(std::string& out, std::string_view bytes) { append_escaped<TextStyle>(out, bytes); }

void append_text_list(std::string& out, const std::vector<std::string_view>& strings, char separator) {
  out.push_back('"');
  for (std::size_t i = 0; i < strings.size(); i++) {
    if (i) out.push_back(separator);
    const std::size_t from = out.size();
    append_escaped<TextStyle>(out, strings[i]);
    out.erase(from, 1);
    out.pop_back();
    for (std::size_t at = from; (at = out.find(separator, at)) != std::string::npos;) {
      std::string escape;
      append_hex_byte(escape, separator);
      out.replace(at, 1, escape);
      at += escape.size();
    }
  }
  out.push_back('"');
}

std::string one_line(std::string_view message) {
  std::string line;
  append_escaped<MessageStyle>(line, message);
  return line;
}

bool append_json_string(std::string& out, std::string_view bytes) { return append_escaped<JsonStyle>(out, bytes); }

void append_base64(std::string& out, std::string_view bytes) {
  static constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  out.push_back('"');
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::string_view group = bytes.substr(at, 3);
    std::uint32_t bits = 0;
    for (unsigned i = 0; i < 3; i++) bits = bits << 8 | (i < group.size() ? static_cast<std::uint8_t>(group[i]) : 0);
    for (unsigned i = 0; i < 4; i++) out.push_back(i <= group.size() ? kAlphabet[bits >> (18 - 6 * i) & 63] : '=');
  }
  out.push_back('"');
}

}  // namespace aa
