// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Which kernel it is, and what follows from that alone.
#pragma once

#include <string>

#include "base/result.hpp"

namespace aa {

struct KernelRelease {
  int major = 0, minor = 0;
  std::string text;  // uname -r
};

bool is_at_least(const KernelRelease& release, int major, int minor);

// The oldest that has everything the programs cannot do without: 5.15.
constexpr int kOldestMajor = 5, kOldestMinor = 15;

KernelRelease running_kernel();
// Pure: "5.4.0-42-generic" to {5, 4}.
KernelRelease parse_release(const std::string& text);

// Pure: does it take CAP_BPF to look into a map whose descriptor one has? Before 5.19 bpf() was refused as a whole
// where kernel.unprivileged_bpf_disabled is set, since then only making maps and programs is (kernel/bpf/syscall.c).
bool map_reads_need_capability(const KernelRelease& release, bool unprivileged_bpf_disabled);
// That setting of this machine. True where it cannot be read.
bool unprivileged_bpf_disabled();

// Is this kernel new enough? The error says what is missing.
Status check_kernel(const KernelRelease& release);

}  // namespace aa
