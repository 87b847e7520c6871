// SPDX-License-Identifier: MIT OR Apache-2.0
//
// COMMAND: forked at once, let go when everything is attached, so that no event of it is missed.
//
// Until then it waits on a socket that only aa-trace has the other end of. Nothing else lets it go: no signal (all are
// blocked; those that came take effect when it goes on), no process of its user (it is not dumpable: ptrace(2),
// pidfd_getfd(2) and /proc/PID/fd are closed to them). If aa-trace dies meanwhile, however, it dies too.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "base/result.hpp"
#include "targets/signals.hpp"

namespace aa {

struct CommandSetup {
  std::vector<std::string> argv;
  bool as_root = false;         // otherwise it runs as the user who called sudo, doas or pkexec, if one was
  bool stdout_is_free = false;  // events go elsewhere: COMMAND has our stdout, otherwise our stderr
};

class Command {
 public:
  // Looks COMMAND up as the user it runs as, and holds it just before its exec. Errors: not found (127), not executable
  // (126). Must be called before anything is opened that the child should not have.
  static Result<Command> start_held(const CommandSetup& setup, const StopSignals& signals);
  Command(Command&& other) noexcept;
  Command& operator=(Command&&) = delete;
  // A child that was not released is killed.
  ~Command();

  pid_t pid() const { return pid_; }
  bool has_own_user() const { return own_user_; }
  // Readable when the child has ended.
  int ended_fd() const { return pidfd_.get(); }

  // Lets it go, and does not wait for its exec: a file system may hold that for as long as it likes. Where it fails
  // after all, exit_code() calls `failed` with the reason, once, when the child has gone. `now`: the kernel's
  // CLOCK_BOOTTIME, ns.
  void release(std::uint64_t now, std::function<void(const Error&)> failed);
  // When that was; 0: not yet.
  std::uint64_t released_at() const { return released_; }
  // Its exit code, 128+N if signal N killed it; nothing while it runs.
  std::optional<int> exit_code();
  void send_signal(int signal) const;

 private:
  Command(pid_t pid, std::string name, Fd pidfd, Fd line, bool own_user)
      : pid_(pid), name_(std::move(name)), pidfd_(std::move(pidfd)), line_(std::move(line)), own_user_(own_user) {}

  pid_t pid_;
  std::string name_;  // as given
  Fd pidfd_;
  Fd line_;  // to the child: a byte lets it go; from it: what it could not do. Closed there by the exec
  bool own_user_;
  std::uint64_t released_ = 0;
  std::function<void(const Error&)> failed_;
  std::optional<int> exit_code_;
};

}  // namespace aa
