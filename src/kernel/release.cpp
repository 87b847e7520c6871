// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/release.hpp"

#include <sys/utsname.h>

#include <cstdio>
#include <fstream>

#include "base/format.hpp"

namespace aa {

KernelRelease parse_release(const std::string& text) {
  KernelRelease release{.text = text};
  if (std::sscanf(text.c_str(), "%d.%d", &release.major, &release.minor) != 2) release.major = release.minor = 0;
  return release;
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

}  // namespace aa
