// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The names of events and groups, and the lists of them that a user writes.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "kinds.h"

namespace aa {

using KindSet = aa_kind_set;

constexpr KindSet kind_bit(aa_kind kind) { return aa_kind_bit(kind); }
constexpr KindSet kinds_with(aa_kind_trait trait) { return aa_kinds_with(trait); }
constexpr bool has_trait(aa_kind kind, aa_kind_trait trait) { return aa_kind_has(kind, trait); }

// Of the groups that a user can name, those about files and what is done with them.
constexpr KindSet file_kinds() { return kinds_with(AA_KIND_FILE) | kinds_with(AA_KIND_CALLS); }
// Everything but what is only told on request.
KindSet default_kinds();

std::string_view event_name(aa_kind kind);
// Those of the set, in the order of the table.
std::vector<aa_kind> kinds_in(KindSet kinds);
std::vector<std::string_view> names_of(KindSet kinds);

// What a user asks for.
struct AskedKinds {
  KindSet whole = 0;    // every event of these
  KindSet changes = 0;  // of these, which are others, only what changed something

  KindSet all() const { return whole | changes; }
  bool operator==(const AskedKinds&) const = default;
};

// "exec,exit", "process,!fork", "changes,open". A list that begins by taking away starts from the default.
Result<AskedKinds> parse_kinds(std::string_view list);
// Words that parse_kinds() makes the same of.
std::vector<std::string_view> names_of(const AskedKinds& asked);

}  // namespace aa
