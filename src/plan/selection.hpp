// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What of the kernel side a selection of events needs: a hook that is not attached costs nobody anything.
#pragma once

#include "calls.h"
#include "config.h"
#include "event/kinds.hpp"

namespace aa {

struct Selection {
  KindSet kinds = 0;
  unsigned outcomes = AA_SUCCEEDED | AA_FAILED;  // of those that can fail
};

// Is the kind asked for, with at least one outcome that it can have?
bool is_asked(const Selection& selection, aa_kind kind);
bool is_any_asked(const Selection& selection, KindSet kinds);
// Does an event of the selection come from this system call?
bool needs_call(const Selection& selection, const aa_call& call);
// Does any event need the hook at the end (at the beginning) of system calls?
bool needs_syscall_exit(const Selection& selection);
bool needs_syscall_enter(const Selection& selection);
// Can io_uring bring about any event of the selection?
bool needs_uring(const Selection& selection);

}  // namespace aa
