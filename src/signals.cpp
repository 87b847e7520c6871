// SPDX-License-Identifier: MIT OR Apache-2.0
#include "signals.hpp"

#include <sys/eventfd.h>

#include <atomic>
#include <cerrno>
#include <iterator>

namespace aa {
namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};

// A handler can reach nothing but globals; these belong to the one StopSignals.
std::atomic<int> received_signal{0};
std::atomic<bool> sent_by_user{false};
std::atomic<bool> reload_asked{false};
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
  if (received_signal.exchange(signal)) {
    struct sigaction action {};
    action.sa_handler = SIG_DFL;
    sigaction(signal, &action, nullptr);
    raise(signal);  // takes effect when this handler returns
  }
  sent_by_user = from_process;
  eventfd_write(handler_wakeup_fd, 1);
  errno = saved_errno;
}

}  // namespace

StopSignals::StopSignals() : wakeup_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  handler_wakeup_fd = wakeup_.get();
  received_signal = 0;
  sigset_t mask;
  sigemptyset(&mask);
  for (std::size_t i = 0; i < std::size(kSignals); i++) {
    struct sigaction action {};
    action.sa_flags = SA_SIGINFO;  // no SA_RESTART: a write to a slow reader is interrupted
    action.sa_sigaction = on_signal;
    if (kSignals[i] == SIGPIPE) action.sa_handler = SIG_IGN;
    sigaction(kSignals[i], &action, &before_[i]);
    sigaddset(&mask, kSignals[i]);
  }
  // a parent may have blocked them
  sigprocmask(SIG_UNBLOCK, &mask, &mask_before_);
}

StopSignals::~StopSignals() { restore_for_child(); }

int StopSignals::received() const { return received_signal; }

bool StopSignals::sent_by_process() const { return sent_by_user; }

bool StopSignals::take_reload() const { return reload_asked.exchange(false); }

void StopSignals::restore_for_child() const {
  for (std::size_t i = 0; i < std::size(kSignals); i++) sigaction(kSignals[i], &before_[i], nullptr);
  sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
}

}  // namespace aa
