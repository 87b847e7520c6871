// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What `~` in path rules stands for on this machine.
#pragma once

#include <string>
#include <vector>

namespace aa {

// The home directories of root and of the users in passwd(5), each once. Not those of accounts for services that live
// in a directory of the system, like /usr/sbin: what is theirs is not private.
std::vector<std::string> home_directories(const std::string& passwd = "/etc/passwd");

}  // namespace aa
