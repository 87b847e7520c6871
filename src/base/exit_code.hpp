// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

namespace aa {

// Exit codes of the program (aa-trace(1), EXIT STATUS).
enum class ExitCode : int {
  kOk = 0,
  kFailure = 1,
  kUsage = 2,
  kIncomplete = 3,
  kAlerted = 4,
  kNotExecutable = 126,
  kNotFound = 127,
};

}  // namespace aa
