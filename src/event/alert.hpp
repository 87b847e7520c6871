// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Why an event deserves a look.
#pragma once

#include <string_view>

#include "event/level.hpp"

namespace aa {

struct Alert {
  std::string_view name;  // "deny", "sensitive", "outside-root", "shell"
  Level level = Level::kInfo;
  std::string_view rule;  // the pattern as written; the directories of --root; the shell
};

}  // namespace aa
