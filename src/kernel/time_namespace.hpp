// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The time namespace that aa-trace is in (time_namespaces(7)): its CLOCK_BOOTTIME is not that of the kernel's programs.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.hpp"

namespace aa {

// What aa-trace's own CLOCK_BOOTTIME is ahead of the kernel's, ns; 0 in the initial namespace. The error: it cannot be
// known.
Result<std::int64_t> find_boot_offset();

// Pure: that of a /proc/PID/timens_offsets (timens_offsets_show() in kernel/time/namespace.c), ns.
std::optional<std::int64_t> boot_offset_in(std::string_view offsets);

}  // namespace aa
