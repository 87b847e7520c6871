// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Threads, without the exception of std::thread, and without signals: those are the main thread's, whose calls they are
// to interrupt. The main thread empties the kernel's buffer and goes before others, these do not.
#pragma once

#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <system_error>
#include <thread>
#include <utility>

#include "base/format.hpp"
#include "base/result.hpp"

namespace aa {

// The error: no memory for its stack, or too many threads (pthread_create(3)).
template <typename Body>
Result<std::thread> start_thread(Body body) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  Result<std::thread> thread = Error{};
  try {
    thread = std::thread([body = std::move(body)]() mutable {
      // of this thread alone (setpriority(2), C library/kernel differences)
      setpriority(PRIO_PROCESS, 0, std::max(getpriority(PRIO_PROCESS, 0), 0));
      body();
    });
  } catch (const std::system_error& error) {
    thread = Error{fmt::format("cannot start a thread: {}", errno_text(error.code().value()))};
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace aa
