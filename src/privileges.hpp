// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the kernel lets us do, and giving it up again.
#pragma once

#include "result.hpp"

namespace aa {

// Can BPF programs be loaded and attached? The error says what is missing, without loading anything.
Status check_privileges();

// Gives up all capabilities for good (no_new_privs), except, with `keep_kill`, CAP_KILL for the COMMAND of another
// user.
Status drop_privileges(bool keep_kill);

}  // namespace aa
