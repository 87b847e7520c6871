// SPDX-License-Identifier: MIT OR Apache-2.0
#include "output/describe.hpp"

#include <csignal>

#include "base/format.hpp"

namespace aa {

std::string error_name(int error) {
  if (error == AA_REFUSED) return "SECCOMP";
  const char* name = strerrorname_np(error);
  return name ? name : std::to_string(error);
}

std::string signal_name(int signal) {
  if (signal == SIGIO) return "SIGIO";  // as strace and the shells say; the C library has the older SIGPOLL
  if (const char* name = sigabbrev_np(signal)) return fmt::format("SIG{}", name);
  if (signal == SIGRTMIN) return "SIGRTMIN";
  if (signal > SIGRTMIN && signal <= SIGRTMAX) return fmt::format("SIGRTMIN+{}", signal - SIGRTMIN);
  return fmt::format("SIG{}", signal);
}

std::string deleted_key(std::string_view path_key) {
  return path_key == "path" ? "deleted" : fmt::format("{}_deleted", path_key);
}

}  // namespace aa
