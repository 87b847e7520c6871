// SPDX-License-Identifier: MIT OR Apache-2.0
#include "event/level.hpp"

#include <algorithm>
#include <iterator>

namespace aa {
namespace {

// In the order of the enumeration.
constexpr std::string_view kLevels[] = {"info", "warning", "critical"};

}  // namespace

std::string_view level_name(Level level) { return kLevels[static_cast<std::size_t>(level)]; }

std::optional<Level> parse_level(std::string_view name) {
  const auto found = std::find(std::begin(kLevels), std::end(kLevels), name);
  if (found == std::end(kLevels)) return std::nullopt;
  return static_cast<Level>(found - std::begin(kLevels));
}

}  // namespace aa
