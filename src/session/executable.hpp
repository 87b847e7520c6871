// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What a process runs that was there before the trace, as /proc has it.
#pragma once

#include <cstdint>
#include <string>

namespace aa {

struct ProgramFile {
  std::string path;  // empty: not known
  bool deleted = false;
};

// A main thread that has ended before the others has no executable any more, but they have.
ProgramFile executable_of(std::uint32_t pid);

}  // namespace aa
