// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What a trace says of itself before its first event.
#pragma once

#include <string>
#include <vector>

#include "options.hpp"
#include "output/secrets.hpp"
#include "output/sink.hpp"

namespace aa {

// Bounded as the arguments of an exec are, and masked by `secrets` if that is not null. The arguments are views of
// `command`, or live in the mask until it is used again.
Argv bounded_command(const std::vector<std::string>& command, SecretMask* secrets);

// What is in it points into `options`, `targets` and `secrets`. `secrets` null: COMMAND is told as it is.
TraceStart trace_start(const Options& options, const Targets& targets, SecretMask* secrets);

}  // namespace aa
