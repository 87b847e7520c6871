// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Threads, without the exception of std::thread.
#pragma once

#include <system_error>
#include <thread>
#include <utility>

#include "format.hpp"
#include "result.hpp"

namespace aa {

// The error: no memory for its stack, or too many threads (pthread_create(3)).
template <typename Body>
Result<std::thread> start_thread(Body body) {
  try {
    return std::thread(std::move(body));
  } catch (const std::system_error& error) {
    return Error{fmt::format("cannot start a thread: {}", errno_text(error.code().value()))};
  }
}

}  // namespace aa
