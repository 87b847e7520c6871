// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Lines of the output, and what holds for every one of them whatever the event is.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "event/event.hpp"

namespace aa::test {

using Json = nlohmann::ordered_json;

// The clock's beginning in all of these: CLOCK_BOOTTIME, ns.
constexpr std::uint64_t kBegan = 3'000'000'000;

std::string text_line(const Event& event, bool color = false);
std::string json_line(const Event& event);

// One whole line with nothing in it that could move a cursor.
bool is_clean_line(const std::string& line);
// Parsed by a parser that is not ours; nothing if it is no object, or has a key twice.
std::optional<Json> parse_line(const std::string& line);

}  // namespace aa::test
