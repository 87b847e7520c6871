// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the running kernel offers, and what follows from it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "kernel_types.hpp"
#include "result.hpp"

namespace aa {

struct KernelRelease {
  int major = 0, minor = 0;
  std::string text;  // uname -r
};

bool is_at_least(const KernelRelease& release, int major, int minor);

// The oldest that has everything the programs cannot do without: 5.15.
constexpr int kOldestMajor = 5, kOldestMinor = 15;

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

// How many processes there can be at a time (proc_sys_kernel(5), pid_max and threads-max).
std::uint32_t process_limit();

// Pure: one more than the highest number in a list of CPUs as the kernel writes them, "0-3,8-11"; 0: it is none.
// Numbers may be left out: it is not how many there are.
std::uint32_t end_of_cpus(std::string_view list);
// That of all CPUs that this machine can have. Where sysfs does not say it, how many there are.
std::uint32_t end_of_possible_cpus();

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

KernelFeatures probe_features(const KernelTypes& types);

// Does the kernel load a program that reads its memory? In lockdown's confidentiality mode the function is unknown
// (bpf_tracing_func_proto() in kernel/trace/bpf_trace.c).
bool reads_kernel_memory();

// Why the kernel refused to load programs with this errno, and what to do about it, as far as the system tells. Empty:
// nothing to add.
std::string refusal_hint(int error);

}  // namespace aa
