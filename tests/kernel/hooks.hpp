// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the hooks that aa-trace has on this machine can tell. Whoever runs the tests states it, not aa-trace:
// AA_TEST_ENGINE is fexit or tracepoint, AA_TEST_NAMES resolved or lexical, AA_TEST_FUNCTIONS yes or no. Of each, the
// last is meant where nothing is stated. hooks_test holds the statement against what --check says.
#pragma once

#include "kernel/workload.hpp"

namespace aa::test {

// Do they tell names as the kernel resolved them, and which file a call opens?
bool names_are_resolved();

// Can there be hooks on functions of the kernel at all (fentry, fexit)?
bool has_functions();

// Is it the fexit engine that sees the calls? It has nothing of those that never run.
bool uses_functions();

// Do they see a call? One that the kernel does not have (ENOSYS) has no function for fexit.
bool is_seen(const Fact& call);

}  // namespace aa::test
