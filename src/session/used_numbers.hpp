// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The tree of bitmaps in which the kernel side keeps which descriptors of a table are counted (bpf/used.bpf.h).
#pragma once

#include <cstdint>
#include <vector>

#include "config.h"  // the skeleton has settings and state
#include "used.h"

struct aa_trace_bpf;

namespace aa {

// Takes the tree of a table out of the kernel's maps; returns the numbers that were in it, without AA_FD_FIXED. Only of
// a process that has ended.
std::vector<std::uint32_t> take_numbers(aa_trace_bpf& skeleton, std::uint32_t pid, std::uint64_t table);

}  // namespace aa
