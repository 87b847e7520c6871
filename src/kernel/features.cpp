// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/features.hpp"

namespace aa {

KernelFeatures probe_features(const KernelTypes& types) {
  KernelFeatures features;
  features.typed_loads = types.function("bpf_rdonly_cast");
  features.exit_tells_last = types.tracepoint_parameters("sched_process_exit") >= 2;
  if (types.tracepoint_parameters("io_uring_submit_req") == 1) features.uring_submit = "io_uring_submit_req";
  else if (types.tracepoint_parameters("io_uring_submit_sqe") == 2) features.uring_submit = "io_uring_submit_sqe";
  features.uring_completes_cqe = types.tracepoint_parameters("io_uring_complete") == 3;
  if (features.uring_submit)
    features.uring_creds_bit =
        static_cast<std::uint8_t>(types.enumerator("REQ_F_FIXED_FILE_BIT", "REQ_F_CREDS_BIT").value_or(0));
  return features;
}

}  // namespace aa
