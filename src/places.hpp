// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the names in path rules stand for on this machine.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aa {

// The home directories of root and of the users in passwd(5), each once. Not those of accounts for services that live in
// a directory of the system, like /usr/sbin: what is theirs is not private.
std::vector<std::string> home_directories(const std::string& passwd = "/etc/passwd");

enum class Links {
  kAll,
  kOfRoot,  // only those that nobody but root can have made: a rule that hides something follows no others
};

// Where a path leads to, as far as it exists, if symbolic links make that another one. What is missing is taken as it
// is.
std::optional<std::string> resolved_path(const std::string& path, Links links);

}  // namespace aa
