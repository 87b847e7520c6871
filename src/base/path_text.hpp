// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Paths as text: nothing here looks at a file system.
#pragma once

#include <string>
#include <string_view>

namespace aa {

// Puts into `out` what `path` means from `directory`, with "//", "." and ".." folded, to a process whose root is
// `root`: an absolute `path` begins there, ".." does not lead out of it. `directory` is as the kernel has it: nothing
// to fold, and perhaps without a place among the others ("pipe:[77]").
void make_absolute(std::string_view root, std::string_view directory, std::string_view path, std::string& out);
// The same from a directory of which only the beginning is known: as much of that as `path` surely does not leave.
void keep_known(std::string_view directory, std::string_view path, std::string& out);

// Does a relative path never lead above the directory that it begins in?
bool stays_below(std::string_view path);

// The last component; "/" of the root, empty for an empty path.
std::string_view base_name(std::string_view path);

}  // namespace aa
