// SPDX-License-Identifier: MIT OR Apache-2.0
//
// One run of aa-trace, from its options to its exit code.
#pragma once

#include "base/log.hpp"
#include "options.hpp"

namespace aa {

int run_trace(const Options& options, Log& log);

}  // namespace aa
