// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Numbers to text on the hot path: two digits a step, no format string.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>

namespace aa {

inline void append_number(std::string& out, std::uint64_t value) {
  const fmt::format_int text(value);
  out.append(text.data(), text.size());
}

// "1.002003" with `digits` digits after the point.
inline void append_seconds(std::string& out, std::uint64_t ns, unsigned digits) {
  append_number(out, ns / 1'000'000'000);
  char fraction[] = ".000000000";
  std::uint64_t rest = ns % 1'000'000'000;
  for (unsigned i = 9; i > 0; i--, rest /= 10) fraction[i] = static_cast<char>('0' + rest % 10);
  out.append(fraction, digits + 1);
}

}  // namespace aa
