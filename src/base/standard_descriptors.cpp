// SPDX-License-Identifier: MIT OR Apache-2.0
#include "base/standard_descriptors.hpp"

#include <fcntl.h>

#include <cerrno>

#include "base/format.hpp"

namespace aa {

Status open_standard_descriptors() {
  for (int number = 0; number <= 2; number++) {
    if (fcntl(number, F_GETFD) >= 0) continue;
    // the lowest number that is free: this one
    if (open("/dev/null", (number == 0 ? O_WRONLY : O_RDONLY) | O_CLOEXEC) != number)
      return Error{
          fmt::format("descriptor {} is closed, and /dev/null cannot be opened: {}", number, errno_text(errno))};
  }
  return Done{};
}

}  // namespace aa
