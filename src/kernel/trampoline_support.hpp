// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Programs on functions of the kernel: does it run them, and safely?
#pragma once

#include "kernel/kernel_types.hpp"
#include "kernel/release.hpp"

namespace aa {

// Pure. In a pid namespace of its own: if that ends while a process in it takes hooks away, each waits for the other,
// and all later hooks of the machine for both. Seen on Debian's 6.1, not on 6.12; 28319d6dc5e2 in 6.3 and 1612160b9127
// in 6.10 ("rcu-tasks: Eliminate deadlocks involving do_exit() and RCU tasks") are about that.
bool trampolines_may_hang(const KernelRelease& release, unsigned pid_level);

// Does this kernel run programs on its functions? Tries it, with one that does nothing.
bool has_trampolines(const KernelTypes& types);

}  // namespace aa
