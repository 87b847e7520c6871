// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Symbolic links on the way of a path rule.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace aa {

enum class Links {
  kAll,
  kOfRoot,  // only those that nobody but root can have made: a rule that hides something follows no others
};

// Looks at each directory once: the links of the moment at which it was first seen.
class LinkFollower {
 public:
  // What else `path` (absolute, without "." and "..") is called: where it leads to, and, as operations on the link have
  // that, its last component in the directory that the others lead to. What is missing is taken as it is.
  std::vector<std::string> other_names(const std::string& path, Links links);

 private:
  struct Place {
    std::string path;     // empty: the root directory
    bool by_root = true;  // all links on the way are root's
    bool missing = false;
  };

  Place directory(const std::string& path);
  static Place follow(const Place& from, std::string_view name);
  static void step(Place& place, std::string_view name, int& links_left);

  std::unordered_map<std::string, Place> directories_;
};

}  // namespace aa
