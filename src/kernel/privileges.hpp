// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the kernel lets us do, and giving it up again.
#pragma once

#include "base/result.hpp"

namespace aa {

// Closes aa-trace to other processes of its user, COMMAND for one: without capabilities that they do not have, nothing
// else keeps them from taking its descriptors and its memory (ptrace(2), Ptrace access mode checking). To be called
// before COMMAND starts, and while there are capabilities.
Status close_to_others();

// Can BPF programs be loaded and attached? The error says what is missing, without loading anything.
Status check_privileges();

// The calling thread goes before those that it watches, and so empties the buffer before they fill it, also where all
// processors are busy. Without the privilege for it all stays as it is.
void go_before_others();

// What a trace may still need after its beginning.
struct KeptPrivileges {
  bool kill = false;  // CAP_KILL: for the COMMAND of another user
  bool bpf = false;   // CAP_BPF: for new rules; to look into maps, where that takes it
  bool read = false;  // CAP_DAC_READ_SEARCH: for their file, which may be somebody else's
};

// Gives up all capabilities for good (no_new_privs), except these, as far as they are there.
Status drop_privileges(KeptPrivileges kept);

}  // namespace aa
