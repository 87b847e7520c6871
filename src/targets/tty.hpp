// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Terminals, as the kernel knows them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace aa {

struct Tty {
  std::string name;      // "pts/9"
  std::uint32_t device;  // major << 20 | minor, as in the kernel
};

// "/dev/pts/9", "pts/9", "pts9". A pseudo-terminal need not exist yet. Error: usage.
Result<Tty> resolve_tty(std::string_view name);

// The controlling terminal of this process as a kernel device number; 0: none.
std::uint32_t own_tty();

// Is some process on this terminal now?
bool tty_in_use(std::uint32_t device);

}  // namespace aa
