// SPDX-License-Identifier: MIT OR Apache-2.0
#include "base/path_text.hpp"

#include <algorithm>

namespace aa {
namespace {

// ".." stops at `floor` bytes.
void append_folded(std::string_view path, std::size_t floor, std::string& out) {
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view name = path.substr(0, slash);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    if (name.empty() || name == ".") continue;
    if (name == "..") {
      const std::size_t last = out.rfind('/');
      out.resize(last == std::string::npos ? floor : std::max(last, floor));
    } else {
      out.append("/").append(name);
    }
  }
}

bool is_within(std::string_view path, std::string_view directory) {
  return path.starts_with(directory) && (path.size() == directory.size() || path[directory.size()] == '/');
}

}  // namespace

void make_absolute(std::string_view root, std::string_view directory, std::string_view path, std::string& out) {
  if (root == "/") root = {};
  out.clear();
  out.reserve(root.size() + directory.size() + path.size() + 1);
  const bool placed = directory.starts_with('/');
  if (path.starts_with('/')) out = root;
  else if (directory != "/") out = directory;
  // a directory outside of the root, reached by a descriptor from before chroot: there is no floor below it
  const std::size_t floor = is_within(out, root) ? root.size() : 0;
  append_folded(path, placed ? floor : out.size(), out);
  if (out.empty()) out = "/";
}

void keep_known(std::string_view directory, std::string_view path, std::string& out) {
  out = directory;
  for (std::size_t below = 0; !path.empty();) {
    const std::string_view name = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(name.size() + 1, path.size()));
    if (name.empty() || name == ".") continue;
    if (name != "..") below++;
    else if (below) below--;
    else out.resize(out.rfind('/') == std::string::npos ? 0 : out.rfind('/'));
  }
  if (out.empty()) out = "/";
}

bool stays_below(std::string_view path) {
  for (std::size_t below = 0; !path.empty();) {
    const std::string_view name = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(name.size() + 1, path.size()));
    if (name.empty() || name == ".") continue;
    if (name != "..") below++;
    else if (below == 0) return false;
    else below--;
  }
  return true;
}

std::string_view base_name(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos || path.size() == 1 ? path : path.substr(slash + 1);
}

}  // namespace aa
