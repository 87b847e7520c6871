// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The table of system calls: which event each one is, and where its arguments stand. Adding a call is adding a row.
#pragma once

#include <cstdint>
#include <span>

#include "config.h"

namespace aa {

struct SyscallRow {
  aa_abi abi;
  std::uint32_t number;
  aa_call call;
};

// All rows for the architecture that this was built for.
std::span<const SyscallRow> syscall_table();

}  // namespace aa
