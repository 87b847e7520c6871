// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Paths as text: nothing here looks at a file system.
#pragma once

#include <string>
#include <string_view>

namespace aa {

// `path` from `directory`, an absolute path, with "//", "." and ".." folded. An absolute `path` replaces `directory`.
std::string make_absolute(std::string_view directory, std::string_view path);
// The same into `out`, for a process whose root is `root`: absolute paths begin there, ".." does not lead out of it.
void make_absolute(std::string_view root, std::string_view directory, std::string_view path, std::string& out);

// The last component; "/" of the root, empty for an empty path.
// Of `path` from a directory of which only the beginning is known: as much of that as it surely does not leave.
void keep_known(std::string_view directory, std::string_view path, std::string& out);

std::string_view base_name(std::string_view path);

}  // namespace aa
