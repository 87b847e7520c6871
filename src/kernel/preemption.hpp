// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Does the kernel preempt its own code? Then a program on one of its functions can be preempted too, and does not run
// for other tasks on that CPU meanwhile.
#pragma once

#include <string_view>

namespace aa {

enum class Preemption {
  kNone,     // only where the kernel says so: preempt=none, preempt=voluntary
  kFull,     // anywhere: preempt=full, preempt=lazy, PREEMPT_RT
  kUnknown,  // chosen at boot, and nothing that can be read here tells what
};

// What can be known of it.
struct PreemptionFacts {
  std::string_view version;       // uname -v
  std::string_view choice;        // of /sys/kernel/debug/sched/preempt, "none voluntary (full)"; empty: unreadable
  std::string_view command_line;  // /proc/cmdline
  int major = 6;                  // of the release: from 7 on the kernel may not do what its command line says
};

// Pure. kernel/sched/debug.c, preempt_dynamic_mode() in kernel/sched/core.c.
Preemption preemption_of(const PreemptionFacts& facts);
// Of the running kernel.
Preemption running_preemption();

}  // namespace aa
