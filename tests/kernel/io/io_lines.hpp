// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include "kernel/trace.hpp"

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace aa::test {

struct Totals {
  long long reads = 0;
  long long read_bytes = 0;
  long long writes = 0;
  long long written_bytes = 0;

  Totals& operator+=(const Totals& other);
  bool operator==(const Totals&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Totals& totals);

// From an `io` event or a fact with the same keys.
template <typename Source>
Totals totals_of(const Source& source) {
  return {source.number("reads"), source.number("read_bytes"), source.number("writes"), source.number("written_bytes")};
}

// A descriptor from its first use to its end.
struct Use {
  std::string path;
  Totals totals;
  bool closed = false;
  int lines = 0;

  bool operator==(const Use& other) const { return path == other.path && totals == other.totals; }
};

using Uses = std::map<std::pair<long long, long long>, std::vector<Use>>;  // by pid and descriptor, in order
using PathTotals = std::map<std::pair<long long, std::string>, Totals>;    // by pid and path

// The `io` events, those of one descriptor up to a closing line added up. Each line says something, or that its
// descriptor has gone.
Uses told_uses(const std::vector<Event>& events);
PathTotals by_path(const Uses& uses);

// Every difference is a failure; the first ones are shown.
void check_uses(const Uses& told, const Uses& truth);
void check_totals(const PathTotals& told, const PathTotals& truth);
// One closing line for each of them.
void check_all_closed(const Uses& told);

// All that went through descriptors on this path, of all processes.
Totals on_path(const Uses& uses, const std::string& path);

}  // namespace aa::test
