// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Names as the kernel resolved them, where it has hooks for that.
#pragma once

#include "event.hpp"
#include "workload.hpp"

namespace aa::test {

// Do the hooks of this kernel tell names? As --check says.
bool names_are_resolved();

// The fact of a call on a name, with what the event must have if a hook told its names. A name that is longer than a
// hook keeps, or a call that failed before it, remains as it is.
Fact as_resolved(const Fact& call, const Event& event);

}  // namespace aa::test
