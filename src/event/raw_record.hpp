// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Checked access to the parts of a record.
#pragma once

#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "event/event.hpp"

namespace aa {

// The fixed struct at the beginning, copied: a record may lie at any alignment.
template <typename T>
std::optional<T> fixed_part(std::span<const std::byte> record) {
  static_assert(std::is_trivially_copyable_v<T>);
  if (record.size() < sizeof(T)) return std::nullopt;
  T part;
  std::memcpy(&part, record.data(), sizeof part);
  return part;
}

// The bytes of a span, if it lies within the record.
inline std::optional<std::string_view> span_bytes(std::span<const std::byte> record, aa_span span) {
  if (span.offset > record.size() || span.length > record.size() - span.offset) return std::nullopt;
  return std::string_view(reinterpret_cast<const char*>(record.data()) + span.offset, span.length);
}

// One string of a record: reads the marks that the header keeps for it.
class StringReader {
 public:
  StringReader(std::span<const std::byte> record, const aa_header& header) : record_(record), header_(header) {}

  // False where the span is not within the record.
  bool text(aa_span span, unsigned string, Text& text) const;
  // A walked path: puts the components into their order in `buffer`, which the text then points to.
  bool path(const aa_path& path, unsigned string, std::string& buffer, Text& text) const;
  bool argv(aa_span span, unsigned string, Argv& argv) const;
  bool unreadable(unsigned string) const { return marked(header_.unreadable, string); }

 private:
  bool marked(unsigned marks, unsigned string) const { return marks >> string & 1; }
  bool cut(unsigned string) const { return marked(header_.cut, string); }

  std::span<const std::byte> record_;
  const aa_header& header_;
};

}  // namespace aa
