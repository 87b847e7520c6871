// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include "kernel/io/io_lines.hpp"
#include "kernel/trace.hpp"

#include <functional>
#include <string>
#include <vector>

namespace aa::test {

// The events of the report that came through io_uring, in their order.
std::vector<Event> uring_events(const Report& report);

// An event against the truth that the workload told of the request: the same keys with the same values.
void check_request(const Event& event, const Fact& request);

// For every `request` of the workload that is chosen one event, in that order, and no other through io_uring. Returns
// how many.
int check_requests(const Report& report, const std::function<bool(const Fact&)>& chosen = nullptr);

// What the `io` events add up to, but those of stdin, stdout and stderr: there the workload tells the truth. The path
// stands after "fd 3 ", or alone where it is a file of a ring's own table.
PathTotals told_totals(const Report& report);
// Of the `total` facts of the workload.
PathTotals true_totals(const Truth& truth, const std::function<bool(const Fact&)>& chosen = nullptr);

}  // namespace aa::test
