// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Numbers and text. To text on the hot path: two digits a step, no format string.
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "base/format.hpp"

namespace aa {

template <std::integral T>
void append_number(std::string& out, T value) {
  const fmt::format_int text(value);
  out.append(text.data(), text.size());
}

// "0644", as chmod(1) has it; "010644" with the type of the file.
inline void append_octal(std::string& out, std::uint32_t value) {
  char digits[1 + 11];
  char* at = std::end(digits);
  do *--at = static_cast<char>('0' + (value & 7));
  while (value >>= 3);
  while (std::end(digits) - at < 3) *--at = '0';
  *--at = '0';
  out.append(at, std::end(digits));
}

// ".002003": `value` in as many digits as `unit`, a power of ten, has zeros.
inline void append_fraction(std::string& out, std::uint32_t value, std::uint32_t unit) {
  const std::size_t point = out.size();
  append_number(out, unit + value);  // the leading 1 gives its place to the point
  out[point] = '.';
}

// "1.002003" with 6 or 9 digits after the point.
inline void append_seconds(std::string& out, std::uint64_t ns, unsigned digits) {
  append_number(out, ns / 1'000'000'000);
  const auto rest = static_cast<std::uint32_t>(ns % 1'000'000'000);
  if (digits == 6) append_fraction(out, rest / 1000, 1'000'000);
  else append_fraction(out, rest, 1'000'000'000);
}

// The number that the whole text is, in decimal digits.
inline std::optional<unsigned> number_in(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace aa
