// SPDX-License-Identifier: MIT OR Apache-2.0
#include "event/cpu_time.hpp"

#include <algorithm>

namespace aa {

CpuTime adjusted_time(const aa_exit& exit) {
  const std::uint64_t runtime = exit.runtime;
  const CpuTime told{exit.told_utime, exit.told_stime};
  if (told.user >= runtime || told.system >= runtime - told.user) return told;
  std::uint64_t system = 0;
  if (exit.stime && !exit.utime) system = runtime;
  if (exit.stime && exit.utime)
    system = static_cast<std::uint64_t>(static_cast<unsigned __int128>(exit.stime) * runtime /
                                        (static_cast<unsigned __int128>(exit.stime) + exit.utime));
  // neither goes back
  system = std::clamp(system, told.system, runtime - told.user);
  return {runtime - system, system};
}

}  // namespace aa
