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

// Pure. `version`: uname -v. `choice`: of /sys/kernel/debug/sched/preempt, "none voluntary (full)", empty where it
// cannot be read (kernel/sched/debug.c). `command_line`: /proc/cmdline.
Preemption preemption_of(std::string_view version, std::string_view choice, std::string_view command_line);
// Of the running kernel.
Preemption running_preemption();

}  // namespace aa
