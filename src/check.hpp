// SPDX-License-Identifier: MIT OR Apache-2.0
//
// --check: what this kernel and these privileges allow.
#pragma once

#include <string>

#include "base/log.hpp"
#include "options.hpp"

namespace aa {

struct CheckReport {
  std::string text;  // lines for stdout
  bool all_works = false;
};

// Loads and attaches every program once, watching nothing.
CheckReport check(const Options& options, Log& log);

}  // namespace aa
