// SPDX-License-Identifier: MIT OR Apache-2.0
//
// How much an alert matters.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace aa {

enum class Level : std::uint8_t { kInfo, kWarning, kCritical };

// "info", "warning", "critical".
std::string_view level_name(Level level);
std::optional<Level> parse_level(std::string_view name);

}  // namespace aa
