// SPDX-License-Identifier: MIT OR Apache-2.0
//
// How many there can be of what the programs keep one place for each.
#pragma once

#include <cstdint>
#include <string_view>

namespace aa {

// How many processes there can be at a time (proc_sys_kernel(5), pid_max and threads-max).
std::uint32_t process_limit();

// Pure: one more than the highest number in a list of CPUs as the kernel writes them, "0-3,8-11"; 0: it is none.
// Numbers may be left out: it is not how many there are.
std::uint32_t end_of_cpus(std::string_view list);
// That of all CPUs that this machine can have. Where sysfs does not say it, how many there are.
std::uint32_t end_of_possible_cpus();

}  // namespace aa
