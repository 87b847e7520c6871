// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include "trace.hpp"

#include <string>
#include <vector>

namespace aa::test {

// The events of the report that came through io_uring, in their order.
std::vector<Event> uring_events(const Report& report);

// An event against the truth that the workload told of the request: the same keys with the same values.
void check_request(const Event& event, const Fact& request);

// For every `request` of the workload one event, in that order, and no other through io_uring. Returns how many.
int check_requests(const Report& report);

}  // namespace aa::test
