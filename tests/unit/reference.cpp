// SPDX-License-Identifier: MIT OR Apache-2.0
#include "unit/reference.hpp"

#include <algorithm>
#include <set>

namespace aa::test {
namespace {

constexpr std::uint32_t kLast = 0x10FFFF;

bool is_surrogate(std::uint32_t code) { return code >= 0xD800 && code <= 0xDFFF; }

// Every beginning, without the last byte, of an encoded character. The last byte holds six bits: one in 64 will do.
const std::set<std::string>& beginnings() {
  static const std::set<std::string> all = [] {
    std::set<std::string> found;
    for (std::uint32_t code = 0x80; code <= kLast; code += 0x40) {
      if (is_surrogate(code)) continue;
      const std::string encoded = encode_utf8(code);
      for (std::size_t length = 1; length < encoded.size(); length++) found.insert(encoded.substr(0, length));
    }
    return found;
  }();
  return all;
}

// Bytes of the character at the front; 0: there is none.
std::size_t character_length(std::string_view bytes) {
  if (!bytes.empty() && static_cast<unsigned char>(bytes[0]) < 0x80) return 1;
  for (std::size_t length = 2; length <= std::min<std::size_t>(4, bytes.size()); length++) {
    const bool begins = beginnings().contains(std::string(bytes.substr(0, length - 1)));
    const bool longer = beginnings().contains(std::string(bytes.substr(0, length)));
    if (begins && !longer && (bytes[length - 1] & 0xC0) == 0x80) {
      // the beginning may be that of a longer character with a wrong byte in it
      const unsigned char lead = static_cast<unsigned char>(bytes[0]);
      const std::size_t expected = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
      return expected == length ? length : 0;
    }
  }
  return 0;
}

std::size_t ill_formed_length(std::string_view bytes) {
  std::size_t length = std::min<std::size_t>(3, bytes.size());
  while (length > 1 && !beginnings().contains(std::string(bytes.substr(0, length)))) length--;
  return length;
}

std::optional<unsigned> hex(std::string_view digits) {
  unsigned value = 0;
  for (const char c : digits) {
    const std::size_t digit = std::string_view("0123456789abcdef").find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    value = value * 16 + static_cast<unsigned>(digit);
  }
  return value;
}

// What follows a backslash at the front of `rest`, which is shortened by it.
std::optional<std::string> take_escape(std::string_view& rest) {
  static constexpr std::string_view kLetters = "\\\"nrt", kMeanings = "\\\"\n\r\t";
  if (rest.empty()) return std::nullopt;
  const char letter = rest.front();
  rest.remove_prefix(1);
  if (const std::size_t at = kLetters.find(letter); at != std::string_view::npos) return std::string(1, kMeanings[at]);
  if (letter == 'x' && rest.size() >= 2) {
    const auto byte = hex(rest.substr(0, 2));
    rest.remove_prefix(2);
    return byte ? std::optional(std::string(1, static_cast<char>(*byte))) : std::nullopt;
  }
  const std::size_t end = rest.find('}');
  if (letter != 'u' || !rest.starts_with('{') || end == std::string_view::npos) return std::nullopt;
  const auto code = hex(rest.substr(1, end - 1));
  rest.remove_prefix(end + 1);
  return code ? std::optional(encode_utf8(*code)) : std::nullopt;
}

}  // namespace

std::string encode_utf8(std::uint32_t code) {
  const auto tail = [code](unsigned shift) { return static_cast<char>(0x80 + (code >> shift) % 64); };
  if (code < 0x80) return {static_cast<char>(code)};
  if (code < 0x800) return {static_cast<char>(0xC0 + code / 64), tail(0)};
  if (code < 0x10000) return {static_cast<char>(0xE0 + code / 4096), tail(6), tail(0)};
  return {static_cast<char>(0xF0 + code / 262144), tail(12), tail(6), tail(0)};
}

std::string replace_ill_formed(std::string_view bytes) {
  std::string out;
  while (!bytes.empty()) {
    const std::size_t good = character_length(bytes);
    if (good) out += bytes.substr(0, good);
    else out += encode_utf8(0xFFFD);
    bytes.remove_prefix(good ? good : ill_formed_length(bytes));
  }
  return out;
}

bool is_valid_utf8(std::string_view bytes) { return replace_ill_formed(bytes) == bytes; }

std::vector<std::uint32_t> code_points(std::string_view utf8) {
  std::vector<std::uint32_t> codes;
  for (const char c : utf8) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) codes.push_back(byte);
    else if (byte < 0xC0) codes.back() = codes.back() * 64 + byte % 64;
    else codes.push_back(byte < 0xE0 ? byte % 32 : byte < 0xF0 ? byte % 16 : byte % 8);
  }
  return codes;
}

bool is_hostile(std::uint32_t code) {
  // Cf, Zl, Zp, Zs and Default_Ignorable_Code_Point as Python's unicodedata has them, one by one below U+2000
  static const std::set<std::uint32_t> kUnseen = {0xA0, 0xAD, 0x34F, 0x600, 0x601, 0x602, 0x603, 0x604, 0x605, 0x61C,
                                                  0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x115F, 0x1160, 0x1680, 0x17B4,
                                                  0x17B5, 0x180B, 0x180C, 0x180D, 0x180E, 0x180F, 0x2028, 0x2029,
                                                  0x2800, 0x3000, 0x3164, 0xFEFF, 0xFFA0, 0x110BD, 0x110CD,
                                                  // blank where the script has them so
                                                  0x13441, 0x13442, 0x16FE4, 0x1D159};
  const auto within = [code](std::uint32_t first, std::uint32_t last) { return code >= first && code <= last; };
  return code < 0x20 || within(0x7F, 0x9F) || kUnseen.contains(code) || within(0x2000, 0x200F) ||
         within(0x202A, 0x202F) || within(0x205F, 0x206F) || within(0xFE00, 0xFE0F) || within(0xFFF0, 0xFFFB) ||
         within(0x13430, 0x1343F) || within(0x1BCA0, 0x1BCA3) || within(0x1D173, 0x1D17A) || within(0xE0000, 0xE0FFF);
}

bool has_hostile(std::string_view utf8) { return std::ranges::any_of(code_points(utf8), is_hostile); }

std::optional<std::string> unescape_text(std::string_view quoted) {
  if (quoted.size() < 2 || quoted.front() != '"' || quoted.back() != '"') return std::nullopt;
  std::string_view rest = quoted.substr(1, quoted.size() - 2);
  std::string bytes;
  while (!rest.empty()) {
    const char c = rest.front();
    rest.remove_prefix(1);
    if (c == '"') return std::nullopt;
    if (c != '\\') {
      bytes.push_back(c);
      continue;
    }
    const auto escaped = take_escape(rest);
    if (!escaped) return std::nullopt;
    bytes += *escaped;
  }
  return bytes;
}

std::optional<std::string> decode_base64(std::string_view text) {
  static constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (text.size() % 4) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  std::string bits, bytes;
  for (const char c : text.substr(0, text.size() - padding)) {
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    for (int bit = 5; bit >= 0; bit--) bits.push_back(static_cast<char>('0' + (value >> bit & 1)));
  }
  for (std::size_t at = 0; at + 8 <= bits.size(); at += 8)
    bytes.push_back(static_cast<char>(std::stoi(bits.substr(at, 8), nullptr, 2)));
  return bytes;
}

}  // namespace aa::test
