// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What differs between kernels, as far as the programs depend on it.
#pragma once

#include <cstdint>

#include "kernel/kernel_types.hpp"

namespace aa {

struct KernelFeatures {
  bool typed_loads = false;            // bpf_rdonly_cast, 6.2 and later
  bool exit_tells_last = false;        // sched_process_exit has group_dead, 6.17 and later
  const char* uring_submit = nullptr;  // the tracepoint; null: none that tells the request, before 6.0
  std::uint8_t uring_creds_bit = 0;    // of io_kiocb.flags: the request has credentials of its own; 0: not known
  bool uring_completes_cqe = false;    // io_uring_complete has the result in a struct, 6.15 and later
};

// What is missing without KernelFeatures::uring_submit.
constexpr char kNoUring[] =
    "file events through io_uring are not seen: the kernel is older than 6.0, or has no io_uring";

KernelFeatures probe_features(const KernelTypes& types);

}  // namespace aa
