// SPDX-License-Identifier: MIT OR Apache-2.0
#include "base/log.hpp"

#include <poll.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include "base/escape.hpp"
#include "base/format.hpp"

namespace aa {
namespace {

constexpr int kPatience = 200;  // ms that a message waits for the terminal

spdlog::level::level_enum level_of(int verbosity) {
  if (verbosity < 0) return spdlog::level::err;
  if (verbosity == 0) return spdlog::level::info;
  return verbosity == 1 ? spdlog::level::debug : spdlog::level::trace;
}

// A terminal that was stopped, by Ctrl-S or by COMMAND, must not stop the trace: what cannot be written is dropped.
class StderrSink : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    pollfd writable{STDERR_FILENO, POLLOUT, 0};
    if (::isatty(STDERR_FILENO) && ::poll(&writable, 1, kPatience) <= 0) return;
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
  }
  void flush_() override {}
};

}  // namespace

Log::Log(int verbosity) : logger_(std::make_unique<spdlog::logger>("aa-trace", std::make_shared<StderrSink>())) {
  logger_->set_pattern("%n: %v");
  logger_->set_level(level_of(verbosity));
}

Log::~Log() = default;
Log::Log(Log&&) noexcept = default;

void Log::error(std::string_view message) { logger_->error(one_line(message)); }
void Log::warn(std::string_view message) { logger_->warn(one_line(message)); }
void Log::info(std::string_view message) { logger_->info(one_line(message)); }
void Log::debug(std::string_view message) { logger_->debug(one_line(message)); }
void Log::trace(std::string_view message) { logger_->trace(one_line(message)); }

}  // namespace aa
