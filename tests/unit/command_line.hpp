// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Command lines that must be right, or wrong.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/escape.hpp"
#include "options.hpp"

namespace aa::test {

using Words = std::vector<std::string>;

inline Result<Options> parse(const Words& words) {
  std::vector<const char*> argv = {"aa-trace"};
  for (const std::string& word : words) argv.push_back(word.c_str());
  return parse_options(static_cast<int>(argv.size()), argv.data());
}

inline std::string joined(const Words& words) {
  std::string all;
  for (const std::string& word : words) all += "[" + word + "]";
  return all;
}

// The options, which must be right.
inline Options good(const Words& words) {
  const auto options = parse(words);
  CAPTURE(joined(words));
  if (!options) FAIL(options.error().message);
  return *options;
}

// The message of a usage error as it is printed, which must be one line.
inline std::string bad(const Words& words) {
  const auto options = parse(words);
  CAPTURE(joined(words));
  REQUIRE_FALSE(bool(options));
  const Error& error = options.error();
  CHECK(error.exit_code == ExitCode::kUsage);
  CHECK_FALSE(error.message.empty());
  const std::string printed = one_line(error.message);
  CHECK(printed.find('\n') == std::string::npos);
  return printed;
}

inline bool mentions(const std::string& message, const std::string& part) {
  return message.find(part) != std::string::npos;
}

}  // namespace aa::test
