// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Shells and programs that fetch things: what an attacker, or an agent, starts to do more than it was asked for.
#pragma once

#include <optional>
#include <string_view>

#include "rules/rule.hpp"

namespace aa {

struct Shell {
  std::string_view name;  // as in the table: "python", of /usr/bin/python3.11
  Level level;
};

// By the last component of a program's path, also with a version: python3.11, zsh-5.9, lua5.4.
std::optional<Shell> find_shell(std::string_view path);

}  // namespace aa
