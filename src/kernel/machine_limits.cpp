// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/machine_limits.hpp"

#include <sys/sysinfo.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <string>

#include "config.h"

namespace aa {
namespace {

constexpr std::uint32_t kCpusMax = 8192;  // NR_CPUS of any architecture, and more

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

std::uint32_t process_limit() {
  std::uint32_t limit = AA_PROCESSES_MAX;
  for (const char* setting : {"/proc/sys/kernel/pid_max", "/proc/sys/kernel/threads-max"}) {
    std::uint32_t number = 0;
    if (std::ifstream(setting) >> number && number) limit = std::min(limit, number);
  }
  return limit;
}

}  // namespace aa
