// SPDX-License-Identifier: MIT OR Apache-2.0
//
// COMMAND: started stopped, released when everything is attached, so that no event of it is missed.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "handles.hpp"
#include "result.hpp"
#include "signals.hpp"

namespace aa {

struct CommandSetup {
  std::vector<std::string> argv;
  bool as_root = false;         // otherwise it runs as the user who called sudo, if sudo was called
  bool stdout_is_free = false;  // events go elsewhere: COMMAND has our stdout, otherwise our stderr
};

class Child {
 public:
  // Looks COMMAND up as the user it runs as, and stops it just before its exec. Errors: not found (127), not executable
  // (126). Must be called before anything is opened that the child should not have.
  static Result<Child> start_stopped(const CommandSetup& setup, const StopSignals& signals);
  Child(Child&& other) noexcept;
  Child& operator=(Child&&) = delete;
  // A child that was not released is killed.
  ~Child();

  pid_t pid() const { return pid_; }
  bool has_own_user() const { return own_user_; }
  // Readable when the child has ended.
  int ended_fd() const { return pidfd_.get(); }

  // Lets it go. Error: the exec failed; the child is gone.
  Status release();
  // Its exit code, 128+N if signal N killed it; nothing while it runs.
  std::optional<int> exit_code();
  void send_signal(int signal) const;

 private:
  Child(pid_t pid, std::string command, Fd pidfd, Fd report, bool own_user)
      : pid_(pid),
        command_(std::move(command)),
        pidfd_(std::move(pidfd)),
        report_(std::move(report)),
        own_user_(own_user) {}

  pid_t pid_;
  std::string command_;  // as given
  Fd pidfd_;
  Fd report_;  // what the child could not do before its exec
  bool own_user_;
  bool released_ = false;
  std::optional<int> exit_code_;
};

}  // namespace aa
