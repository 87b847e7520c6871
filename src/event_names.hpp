// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The names of events and groups, and the lists of them that a user writes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "events.h"
#include "result.hpp"

namespace aa {

// Bit 1 << aa_kind.
using KindSet = std::uint32_t;

constexpr KindSet kind_bit(aa_kind kind) { return KindSet{1} << kind; }

KindSet default_kinds();
bool is_file_event(aa_kind kind);
std::string_view event_name(aa_kind kind);
// In the order of aa_kind.
std::vector<std::string_view> names_of(KindSet kinds);

// "exec,exit", "process,!fork". A list that begins by taking away starts from the default.
Result<KindSet> parse_kinds(std::string_view list);

// "did you mean" for a word that is none of `words`: one that begins with it, or the nearest by edit distance; empty if
// none is near.
std::string nearest_word(std::string_view word, const std::vector<std::string>& words);

}  // namespace aa
