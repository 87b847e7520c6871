// SPDX-License-Identifier: MIT OR Apache-2.0
#include "lexical.hpp"

namespace aa {
namespace {

void append_folded(std::string_view path, std::string& out) {
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view name = path.substr(0, slash);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    if (name.empty() || name == ".") continue;
    if (name == "..") {
      const std::size_t last = out.rfind('/');
      out.resize(last == std::string::npos ? 0 : last);
    } else {
      out.append("/").append(name);
    }
  }
}

}  // namespace

std::string make_absolute(std::string_view directory, std::string_view path) {
  std::string out;
  out.reserve(directory.size() + path.size() + 1);
  if (!path.starts_with('/')) append_folded(directory, out);
  append_folded(path, out);
  if (out.empty()) out = "/";
  return out;
}

std::string_view base_name(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos || path.size() == 1 ? path : path.substr(slash + 1);
}

}  // namespace aa
