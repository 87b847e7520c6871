// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include "trace.hpp"

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace aa::test {

// The events of the report that came through io_uring, in their order.
std::vector<Event> uring_events(const Report& report);

// An event against the truth that the workload told of the request: the same keys with the same values.
void check_request(const Event& event, const Fact& request);

// For every `request` of the workload that is chosen one event, in that order, and no other through io_uring. Returns
// how many.
int check_requests(const Report& report, const std::function<bool(const Fact&)>& chosen = nullptr);

// What `io` events must add up to, by descriptor (-1: none) and path.
struct Totals {
  long long reads = 0, read_bytes = 0, writes = 0, written_bytes = 0;
  bool operator==(const Totals&) const = default;
};
using TotalsByFile = std::map<std::pair<long long, std::string>, Totals>;

// Of the `io` events, but those of stdin, stdout and stderr: there the workload tells the truth.
TotalsByFile told_totals(const Report& report);
// Of the `total` facts of the workload.
TotalsByFile true_totals(const Truth& truth, const std::function<bool(const Fact&)>& chosen = nullptr);
// Checks that they are the same; returns of how many files.
int check_totals(const TotalsByFile& told, const TotalsByFile& truth);

}  // namespace aa::test
