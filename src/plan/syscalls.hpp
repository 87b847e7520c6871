// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The table of system calls: which event each one is, and where its arguments stand. Adding a call is adding a row.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "calls.h"

namespace aa {

enum class Machine { kX86_64, kArm64 };

#if defined(__x86_64__)
constexpr Machine kThisMachine = Machine::kX86_64;
#elif defined(__aarch64__)
constexpr Machine kThisMachine = Machine::kArm64;
#else
#error "the table of system calls has no numbers for this machine"
#endif

// The kernel's function for a call.
struct CallFunction {
  std::string_view name = {};  // where it is not the call's
  bool always = true;  // the oldest kernel that we run on has the call: fchmodat2 came with 6.6, the others 6.13
};

struct SyscallRow {
  aa_abi abi;
  std::uint32_t number;
  std::string_view name;
  aa_call call;
  CallFunction function;
};

// x86-64 has the rows of i386 too (AA_COMPAT32); 32-bit ARM programs are not covered, nor those of x32.
std::vector<SyscallRow> syscall_rows(Machine machine);

}  // namespace aa
