// SPDX-License-Identifier: MIT OR Apache-2.0
#include "event/raw_record.hpp"

#include <sys/stat.h>

#include <iterator>

#include "base/format.hpp"

namespace aa {
namespace {

// "c/b/a/" to "/a/b/c".
void reverse_components(std::string_view names, std::string& path) {
  path.clear();
  if (names.empty()) {
    path = "/";
    return;
  }
  path.resize(names.size());
  char* out = path.data();
  std::size_t end = names.size() - 1;
  while (true) {
    const std::size_t slash = end == 0 ? std::string_view::npos : names.rfind('/', end - 1);
    const std::size_t begin = slash == std::string_view::npos ? 0 : slash + 1;
    *out++ = '/';
    out = std::copy(names.begin() + begin, names.begin() + end, out);
    if (begin == 0) break;
    end = begin - 1;
  }
}

// A file without a path. Its one name is what the kernel calls it: "memfd:x", "[eventfd]", "net:" of a namespace,
// or empty.
void name_detached(std::string_view name, const aa_path& path, std::string& out) {
  out.clear();
  if (S_ISFIFO(path.mode)) {
    fmt::format_to(std::back_inserter(out), "pipe:[{}]", path.inode);
  } else if (S_ISSOCK(path.mode)) {
    fmt::format_to(std::back_inserter(out), "socket:[{}]", path.inode);
  } else if (name.starts_with("memfd:")) {
    out = name;
  } else if (name.ends_with(':')) {
    fmt::format_to(std::back_inserter(out), "{}[{}]", name, path.inode);
  } else if (name.starts_with('[')) {
    out.append("anon:").append(name);
  } else {
    fmt::format_to(std::back_inserter(out), "anon:[{}]", name);
  }
}

}  // namespace

bool StringReader::text(aa_span span, unsigned string, Text& text) const {
  if (unreadable(string)) {
    text = Text::unreadable();
    return true;
  }
  const auto bytes = span_bytes(record_, span);
  if (!bytes) return false;
  text = Text::of(*bytes);
  text.truncated = cut(string);
  return true;
}

bool StringReader::path(const aa_path& path, unsigned string, std::string& buffer, Text& text) const {
  if (unreadable(string)) {
    text = Text::unreadable();
    return true;
  }
  const auto names = span_bytes(record_, path.names);
  if (!names || (!names->empty() && names->back() != '/')) return false;
  if (path.flags & AA_PATH_DETACHED)
    name_detached(names->substr(0, names->empty() ? 0 : names->size() - 1), path, buffer);
  else reverse_components(*names, buffer);
  text = Text::of(buffer);
  text.deleted = (path.flags & (AA_PATH_DELETED | AA_PATH_DETACHED)) == AA_PATH_DELETED;
  text.truncated = cut(string);
  return true;
}

bool StringReader::argv(aa_span span, unsigned string, Argv& argv) const {
  argv.arguments.clear();
  argv.truncated = cut(string);
  argv.state = unreadable(string) ? Text::State::kUnreadable : Text::State::kPresent;
  if (unreadable(string)) return true;
  const auto bytes = span_bytes(record_, span);
  if (!bytes) return false;
  for (std::string_view rest = *bytes; !rest.empty();) {
    const std::size_t end = rest.find('\0');
    argv.arguments.push_back(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return true;
}

}  // namespace aa
