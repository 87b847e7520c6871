// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The values of options, from words. Errors are usage errors.
#pragma once

#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "options.hpp"

namespace aa {

inline Error usage(std::string message) { return {std::move(message), ExitCode::kUsage}; }

// The whole word as a number, nothing before, nothing after.
template <typename T>
std::optional<T> whole_number(std::string_view word) {
  T value{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return value;
}

constexpr std::string_view kBlanks = " \t\n";

// Commas separate, and blanks and newlines, as in what pgrep(1), pidof(8) and ps(1) print. They may also print nothing.
Status parse_pids(std::string_view list, std::vector<std::uint32_t>& pids);
// A number of bytes, or of K, M or G; not above `most`.
std::optional<std::uint64_t> parse_size(std::string_view text, std::uint64_t most);
// Of the ring buffer.
Result<std::uint64_t> parse_buffer(const std::string& text);
std::optional<std::chrono::nanoseconds> parse_seconds(const std::string& text);
Status parse_fd_types(std::string_view list, unsigned& types);
Status parse_env(const std::vector<std::string>& lists, EnvironmentChoice& env);
// Of --format and --json, and of --time; null: not given.
Status parse_format(const std::optional<std::string>& format, bool json, Options& options);
Status parse_time(const std::optional<std::string>& time, Options& options);

}  // namespace aa
