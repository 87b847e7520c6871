// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What to watch: as the user named it, and as the kernel knows it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "targets/tty.hpp"

namespace aa {

// On the command line.
struct NamedTargets {
  std::vector<std::uint32_t> pids;  // processes or threads
  std::vector<std::string> ttys;
  bool all = false;
  std::vector<std::string> command;  // COMMAND and its arguments; empty: none
  bool children = true;              // and what descends from them
  bool wait = false;                 // also for those that do not exist yet

  bool empty() const { return pids.empty() && ttys.empty() && !all && command.empty(); }
};

struct Targets {
  // Errors: a terminal that is none (usage).
  static Result<Targets> find(const NamedTargets& named);

  std::vector<std::uint32_t> pids;     // processes; alive when they were looked up, or to be waited for
  std::vector<std::uint32_t> missing;  // those of `pids` that did not exist
  std::vector<Tty> ttys;
  bool all = false;
  bool children = true;
  bool wait = false;        // for those of `missing`
  bool await_pids = false;  // one may come under a pid; also if all are there: they may end before they are found
  std::vector<std::string> names;  // for the banner and the start event: "pid 4242", "tty pts/9", "all", ...

  // COMMAND, now that it has a process.
  void add_command(pid_t pid) { pids.push_back(static_cast<std::uint32_t>(pid)); }

  // Is there always more to come, whatever ends?
  bool never_end() const { return all || !ttys.empty(); }
  // Is the child of a watched process watched?
  bool follow_children() const { return children || all; }
  // Is aa-trace itself on one of the terminals?
  bool have_own_tty() const;
};

// The process that a thread or process id belongs to; 0: there is none.
std::uint32_t process_of(std::uint32_t id);

}  // namespace aa
