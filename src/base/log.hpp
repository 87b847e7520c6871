// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What aa-trace says to the person at the terminal: on stderr, after "aa-trace: ", one line each
// whatever words of the user's it repeats.
#pragma once

#include <memory>
#include <string_view>

namespace spdlog {
class logger;
}

namespace aa {

class Log {
 public:
  // -1: errors only, 0: also the banner, warnings and the summary, 1: also details, 2: also all that libbpf says.
  explicit Log(int verbosity);
  ~Log();
  Log(Log&&) noexcept;

  void error(std::string_view message);
  void warn(std::string_view message);
  void info(std::string_view message);
  void debug(std::string_view message);
  void trace(std::string_view message);

 private:
  std::unique_ptr<spdlog::logger> logger_;
};

}  // namespace aa
