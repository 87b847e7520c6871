// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the hooks that aa-trace has on this kernel can tell, as --check says.
#pragma once

#include "workload.hpp"

namespace aa::test {

// Do they tell names as the kernel resolved them?
bool names_are_resolved();

// Can there be hooks on functions of the kernel at all (fentry, fexit)?
bool has_functions();

// Is it the fexit engine that sees the calls? It has nothing of those that never run.
bool uses_functions();

// Do they see a call? One that the kernel does not have (ENOSYS) has no function for fexit.
bool is_seen(const Fact& call);

}  // namespace aa::test
