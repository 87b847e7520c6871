// SPDX-License-Identifier: MIT OR Apache-2.0
//
// SIGINT, SIGTERM and the terminal's hangup ask for the end of the trace; the second one ends the program at once, or,
// once the trace has ended, the wait for a slow reader. A hangup that the caller ignores (nohup(1)) is ignored here
// too.
#pragma once

#include <csignal>
#include <vector>

#include "base/fd.hpp"

namespace aa {

class StopSignals {
 public:
  // One at a time. Also ignores what a failed write says by its errno too (SIGPIPE, SIGXFSZ), and sees to it that the
  // status of a child is kept (SIGCHLD). What was set before is kept for a child.
  StopSignals();
  // The handlers stay, as long as the process: a signal that comes while it ends must not kill it.
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // Readable when a signal came.
  int wakeup_fd() const { return wakeup_.get(); }
  // The signal that came, or 0.
  int received() const;
  // From now on the second one is only told, by came_again(); the third ends the program.
  void await_second() const;
  bool came_again() const;
  // Has it come to the whole process group, and so to a COMMAND in it? A key of the terminal does; of its hangup the
  // kernel tells the leader of the session alone (tty_signal_session_leader() in drivers/tty/tty_jobctrl.c).
  bool came_to_group() const;

  // Has a process sent SIGHUP since the last call? The terminal's ends the trace.
  bool take_reload() const;

  // In a child between fork and exec, together: as if aa-trace had not been there.
  void restore_actions() const;
  void restore_mask() const;

 private:
  struct Before {
    int signal;
    struct sigaction action;
  };

  Fd wakeup_;
  std::vector<Before> before_;
  sigset_t mask_before_;
};

}  // namespace aa
