// SPDX-License-Identifier: MIT OR Apache-2.0
#include "base/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "base/escape.hpp"
#include "base/format.hpp"

namespace aa {
namespace {

spdlog::level::level_enum level_of(int verbosity) {
  if (verbosity < 0) return spdlog::level::err;
  if (verbosity == 0) return spdlog::level::info;
  return verbosity == 1 ? spdlog::level::debug : spdlog::level::trace;
}

}  // namespace

Log::Log(int verbosity)
    : logger_(std::make_unique<spdlog::logger>("aa-trace", std::make_shared<spdlog::sinks::stderr_sink_st>())) {
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
