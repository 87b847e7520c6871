// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the user named on the command line, as the kernel knows it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "options.hpp"
#include "result.hpp"

namespace aa {

struct Tty {
  std::string name;      // "pts/9"
  std::uint32_t device;  // major << 20 | minor, as in the kernel
};

struct Targets {
  std::vector<std::uint32_t> pids;     // processes; alive when they were looked up, or to be waited for
  std::vector<std::uint32_t> missing;  // those of `pids` that did not exist
  std::vector<Tty> ttys;
  std::vector<std::string> names;  // for the banner and the start event: "pid 4242", "tty pts/9", "all", ...
};

// Errors: a terminal that is none (usage).
Result<Targets> resolve_targets(const Options& options);

// The process that a thread or process id belongs to; 0: there is none.
std::uint32_t process_of(std::uint32_t id);

// "/dev/pts/9", "pts/9", "pts9". A pseudo-terminal need not exist yet. Error: usage.
Result<Tty> resolve_tty(std::string_view name);

// The controlling terminal of this process as a kernel device number; 0: none.
std::uint32_t own_tty();

// Is some process on this terminal now?
bool tty_in_use(std::uint32_t device);

}  // namespace aa
