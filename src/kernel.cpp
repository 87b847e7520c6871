// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel.hpp"

#include <bpf/bpf.h>
#include <linux/seccomp.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "config.h"
#include "format.hpp"
#include "handles.hpp"

namespace aa {
namespace {

constexpr std::uint32_t kCpusMax = 8192;  // NR_CPUS of any architecture, and more

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

std::uint32_t end_of_cpus(std::string_view list) {
  const std::size_t end = list.find_last_of("0123456789");
  if (end == std::string_view::npos) return 0;
  const std::size_t before = list.find_last_not_of("0123456789", end);
  const std::string_view last = list.substr(before == std::string_view::npos ? 0 : before + 1);
  std::uint32_t number = 0;
  const auto [rest, error] = std::from_chars(last.data(), last.data() + last.size(), number);
  return error == std::errc{} && number < kCpusMax ? number + 1 : 0;
}

std::uint32_t end_of_possible_cpus() {
  std::ifstream file("/sys/devices/system/cpu/possible");
  std::string list;
  std::getline(file, list);
  const std::uint32_t end = end_of_cpus(list);
  return end ? end : static_cast<std::uint32_t>(get_nprocs_conf());
}

KernelRelease parse_release(const std::string& text) {
  KernelRelease release{.text = text};
  if (std::sscanf(text.c_str(), "%d.%d", &release.major, &release.minor) != 2) release.major = release.minor = 0;
  return release;
}

std::uint32_t process_limit() {
  std::uint32_t limit = AA_PROCESSES_MAX;
  for (const char* setting : {"/proc/sys/kernel/pid_max", "/proc/sys/kernel/threads-max"}) {
    std::uint32_t number = 0;
    if (std::ifstream(setting) >> number && number) limit = std::min(limit, number);
  }
  return limit;
}

KernelRelease running_kernel() {
  utsname name{};
  uname(&name);
  return parse_release(name.release);
}

bool is_at_least(const KernelRelease& release, int major, int minor) {
  return release.major > major || (release.major == major && release.minor >= minor);
}

bool map_reads_need_capability(const KernelRelease& release, bool unprivileged_bpf_disabled) {
  return !is_at_least(release, 5, 19) && unprivileged_bpf_disabled;
}

bool unprivileged_bpf_disabled() {
  int setting = 1;
  std::ifstream("/proc/sys/kernel/unprivileged_bpf_disabled") >> setting;
  return setting != 0;
}

Status check_kernel(const KernelRelease& release) {
  if (!is_at_least(release, kOldestMajor, kOldestMinor))
    return Error{fmt::format("needs Linux {}.{} or later, this is {}", kOldestMajor, kOldestMinor, release.text)};
  return Done{};
}

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
