// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Paths as strings: what can be said without asking the file system.
#pragma once

#include <string>
#include <string_view>

namespace aa {

// `path` against `directory` (absolute): "//" and "." folded, ".." taken back one component, links unresolved.
std::string make_absolute(std::string_view directory, std::string_view path);

// What follows the last '/', trailing ones left out: "sh" of "/bin/sh".
std::string_view base_name(std::string_view path);

}  // namespace aa
