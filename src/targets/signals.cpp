// SPDX-License-Identifier: MIT OR Apache-2.0
#include "targets/signals.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

namespace aa {
namespace {

enum class Action { kHandle, kHandleUnlessIgnored, kIgnore, kDefault };

struct Row {
  int signal;
  Action action;
};

constexpr Row kRows[] = {
    {SIGINT, Action::kHandle},
    {SIGTERM, Action::kHandle},
    {SIGHUP, Action::kHandleUnlessIgnored},
    {SIGPIPE, Action::kIgnore},
    {SIGXFSZ, Action::kIgnore},
    // where a parent left it ignored the kernel would keep no status of COMMAND (waitid(2), NOTES)
    {SIGCHLD, Action::kDefault},
};

// A handler can reach nothing but globals; these belong to the one StopSignals.
std::atomic<int> received_signal{0};
std::atomic<bool> sent_by_user{false};
std::atomic<bool> reload_asked{false};
std::atomic<bool> second_awaited{false};
std::atomic<bool> second_came{false};
std::atomic<int> handler_wakeup_fd{-1};

// A process that sends SIGHUP asks for the rules to be read again; the terminal sends it when it goes.
void on_signal(int signal, siginfo_t* info, void*) {
  const bool from_process = info->si_code <= 0;  // SI_USER, SI_QUEUE, ...; the terminal's are SI_KERNEL
  const int saved_errno = errno;
  if (signal == SIGHUP && from_process) {
    reload_asked = true;
    eventfd_write(handler_wakeup_fd, 1);
    errno = saved_errno;
    return;
  }
  // before the signal itself: another thread acts on that at once
  if (!received_signal) sent_by_user = from_process;
  const bool first = !received_signal.exchange(signal);
  if (!first && !(second_awaited && !second_came.exchange(true))) {
    struct sigaction action {};
    action.sa_handler = SIG_DFL;
    sigaction(signal, &action, nullptr);
    raise(signal);  // takes effect when this handler returns
  }
  eventfd_write(handler_wakeup_fd, 1);
  errno = saved_errno;
}

}  // namespace

StopSignals::StopSignals() : wakeup_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  handler_wakeup_fd = wakeup_.get();
  received_signal = 0;
  second_awaited = second_came = false;
  sigset_t mask;
  sigemptyset(&mask);
  for (const Row& row : kRows) {
    struct sigaction before {};
    sigaction(row.signal, nullptr, &before);
    before_.push_back({row.signal, before});
    if (row.action == Action::kHandleUnlessIgnored && before.sa_handler == SIG_IGN) continue;
    struct sigaction action {};
    action.sa_handler = row.action == Action::kDefault ? SIG_DFL : SIG_IGN;
    if (row.action == Action::kHandle || row.action == Action::kHandleUnlessIgnored) {
      action.sa_flags = SA_SIGINFO;  // no SA_RESTART: a write to a slow reader is interrupted
      action.sa_sigaction = on_signal;
    }
    sigaction(row.signal, &action, nullptr);
    sigaddset(&mask, row.signal);
  }
  // a parent may have blocked them
  sigprocmask(SIG_UNBLOCK, &mask, &mask_before_);
}

StopSignals::~StopSignals() { handler_wakeup_fd = -1; }

int StopSignals::received() const { return received_signal; }

void StopSignals::await_second() const { second_awaited = true; }

bool StopSignals::came_again() const { return second_came; }

bool StopSignals::came_to_group() const {
  return !sent_by_user && !(received_signal == SIGHUP && getsid(0) == getpid());
}

bool StopSignals::take_reload() const { return reload_asked.exchange(false); }

void StopSignals::restore_actions() const {
  for (const Before& before : before_) sigaction(before.signal, &before.action, nullptr);
}

void StopSignals::restore_mask() const { sigprocmask(SIG_SETMASK, &mask_before_, nullptr); }

}  // namespace aa
