// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel.hpp"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fstream>

#include "config.h"

namespace aa {
namespace {

constexpr char kBtfPath[] = "/sys/kernel/btf/vmlinux";

}  // namespace

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

bool map_reads_need_capability(const KernelRelease& release, bool unprivileged_bpf_disabled) {
  const bool since_5_19 = release.major > 5 || (release.major == 5 && release.minor >= 19);
  return !since_5_19 && unprivileged_bpf_disabled;
}

bool unprivileged_bpf_disabled() {
  int setting = 1;
  std::ifstream("/proc/sys/kernel/unprivileged_bpf_disabled") >> setting;
  return setting != 0;
}

Status check_kernel(const KernelRelease& release) {
  if (release.major < kOldestMajor || (release.major == kOldestMajor && release.minor < kOldestMinor))
    return Error{fmt::format("needs Linux {}.{} or later, this is {}", kOldestMajor, kOldestMinor, release.text)};
  if (access(kBtfPath, R_OK) != 0)
    return Error{fmt::format("the kernel's type information {} is missing: {} (CONFIG_DEBUG_INFO_BTF)", kBtfPath,
                             errno_text(errno))};
  return Done{};
}

KernelFeatures probe_features(const KernelTypes& types) {
  KernelFeatures features;
  features.typed_loads = types.function("bpf_rdonly_cast");
  features.exit_tells_last = types.tracepoint_parameters("sched_process_exit") >= 2;
  if (types.tracepoint_parameters("io_uring_submit_req") == 1) features.uring_submit = "io_uring_submit_req";
  else if (types.tracepoint_parameters("io_uring_submit_sqe") == 2) features.uring_submit = "io_uring_submit_sqe";
  features.uring_completes_cqe = types.tracepoint_parameters("io_uring_complete") == 3;
  return features;
}

std::string refusal_hint() {
  std::ifstream file("/sys/kernel/security/lockdown");
  std::string modes;
  std::getline(file, modes);
  if (modes.find("[confidentiality]") != std::string::npos)
    return "the kernel is locked down (confidentiality): it lets nobody read its memory";
  return "";
}

}  // namespace aa
