// SPDX-License-Identifier: MIT OR Apache-2.0
//
// How long a process ran, as the kernel tells it.
#pragma once

#include <cstdint>

#include "events.h"

namespace aa {

// ns
struct CpuTime {
  std::uint64_t user = 0, system = 0;
  bool operator==(const CpuTime&) const = default;
};

// What wait4(2) would give the parent if the process had not a nanosecond more: the scheduler measures how long it ran
// in all, and the ticks that met it in either mode divide that (cputime_adjust(), kernel/sched/cputime.c).
CpuTime adjusted_time(const aa_exit& exit);

}  // namespace aa
