// SPDX-License-Identifier: MIT OR Apache-2.0
//
// SIGINT, SIGTERM and the terminal's hangup ask for the end of the trace; the second one ends the program at once, even
// while it waits for a slow reader.
#pragma once

#include <csignal>

#include "handles.hpp"

namespace aa {

class StopSignals {
 public:
  // One at a time. Also ignores SIGPIPE. What was set before is kept for restore_for_child().
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // Readable when a signal came.
  int wakeup_fd() const { return wakeup_.get(); }
  // The signal that came, or 0.
  int received() const;
  // Did a process send it? Otherwise the terminal did, to its whole foreground group.
  bool sent_by_process() const;

  // Has a process sent SIGHUP since the last call? The terminal's ends the trace.
  bool take_reload() const;

  // In a child between fork and exec: as if aa-trace had not been there.
  void restore_for_child() const;

 private:
  Fd wakeup_;
  struct sigaction before_[4];
  sigset_t mask_before_;
};

}  // namespace aa
