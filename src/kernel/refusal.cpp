// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/refusal.hpp"

#include <bpf/bpf.h>
#include <linux/seccomp.h>
#include <sys/stat.h>

#include <cerrno>
#include <fstream>
#include <iterator>

#include "base/fd.hpp"

namespace aa {
namespace {

// The kernel asks for capabilities in the initial one (bpf_capable() in include/linux/capability.h).
bool in_user_namespace() {
  constexpr ino_t kInitialNamespace = 0xEFFFFFFD;  // PROC_USER_INIT_INO, include/linux/proc_ns.h
  struct stat info;
  return stat("/proc/self/ns/user", &info) == 0 && info.st_ino != kInitialNamespace;
}

bool has_seccomp_filter() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("Seccomp:")) return line.ends_with(std::to_string(SECCOMP_MODE_FILTER));
  return false;
}

}  // namespace

bool reads_kernel_memory() {
  constexpr std::uint8_t kMove = BPF_ALU64 | BPF_MOV, kAdd = BPF_ALU64 | BPF_ADD;
  const bpf_insn program[] = {
      {.code = kMove | BPF_X, .dst_reg = BPF_REG_1, .src_reg = BPF_REG_10, .off = 0, .imm = 0},
      {.code = kAdd | BPF_K, .dst_reg = BPF_REG_1, .src_reg = 0, .off = 0, .imm = -8},
      {.code = kMove | BPF_K, .dst_reg = BPF_REG_2, .src_reg = 0, .off = 0, .imm = 8},
      {.code = kMove | BPF_K, .dst_reg = BPF_REG_3, .src_reg = 0, .off = 0, .imm = 0},
      {.code = BPF_JMP | BPF_CALL, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = BPF_FUNC_probe_read_kernel},
      {.code = kMove | BPF_K, .dst_reg = BPF_REG_0, .src_reg = 0, .off = 0, .imm = 0},
      {.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0},
  };
  const Fd loaded(bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "aa_trace_probe", "Dual MIT/GPL", program,
                                std::size(program), nullptr));
  return bool(loaded);
}

std::string refusal_hint(int error) {
  if (error == EINVAL && !reads_kernel_memory())
    return "the kernel is locked down (confidentiality) and lets nobody read its memory: boot it with "
           "lockdown=integrity, or without lockdown";
  if (error != EPERM && error != EACCES && error != ENOSYS) return "";
  if (in_user_namespace())
    return "capabilities of a user namespace (a rootless container?) do not count: run aa-trace outside of it";
  if (has_seccomp_filter())
    return "a seccomp filter is in force (a container's?): it must allow bpf(), as docker's does with --privileged";
  return "";
}

}  // namespace aa
