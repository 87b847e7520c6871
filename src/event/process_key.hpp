// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <compare>
#include <cstdint>

namespace aa {

// A process and no other: a pid is used again.
struct ProcessKey {
  std::uint32_t pid = 0;
  std::uint64_t start = 0;  // CLOCK_BOOTTIME, ns
  auto operator<=>(const ProcessKey&) const = default;
};

}  // namespace aa
