// SPDX-License-Identifier: MIT OR Apache-2.0
#include "rules/pattern.hpp"

#include <optional>

#include "base/format.hpp"
#include "events.h"
#include "rules/glob.hpp"

namespace aa {
namespace {

constexpr std::string_view kWild = "*?[";
constexpr std::size_t kLongest = 4 * AA_PATH_MAX;  // each character of a path escaped, or in a set of its own
constexpr std::string_view kAnywhere = "**/";

// A component without wildcards, as the name that it means. Nothing: it has some, or ends in the middle of an escape.
std::optional<std::string> plain(std::string_view component) {
  std::string name;
  for (std::size_t i = 0; i < component.size(); i++) {
    if (kWild.find(component[i]) != std::string_view::npos) return std::nullopt;
    if (component[i] == '\\' && ++i == component.size()) return std::nullopt;
    name += component[i];
  }
  return name;
}

void take_part(std::vector<std::string>& parts, std::string name) {
  if (name == "..") {
    if (!parts.empty()) parts.pop_back();
  } else if (!name.empty() && name != ".") {
    parts.push_back(std::move(name));
  }
}

// The next component and the slashes behind it.
std::string_view next_component(std::string_view& rest) {
  const std::size_t end = rest.find('/');
  const std::string_view component = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return component;
}

bool has_component(std::string_view rest, std::string_view wanted) {
  while (!rest.empty())
    if (next_component(rest) == wanted) return true;
  return false;
}

// Without what means nothing between slashes. Only a slash that is escaped can be the last.
std::string folded(std::string_view rest) {
  std::string text;
  const bool ends_in_slash = rest.ends_with('/');
  while (!rest.empty()) {
    const std::string_view component = next_component(rest);
    if (!component.empty() && component != ".") text.append(text.empty() ? "" : "/").append(component);
  }
  return ends_in_slash ? text + "/" : text;
}

// "*.pem": the end of the last component, from its only dot on.
bool is_suffix(std::string_view component) {
  return component.starts_with("*.") && component.rfind('.') == 1 && plain(component.substr(1));
}

// What stands behind the "**/" at the beginning, if that is the only thing that is wild about the pattern.
bool take_anywhere(std::string_view rest, Pattern& pattern) {
  if (!rest.starts_with(kAnywhere)) return false;
  while (rest.starts_with(kAnywhere)) rest.remove_prefix(kAnywhere.size());
  if (rest.empty() || rest.find('/') != std::string_view::npos) return false;
  if (const auto name = plain(rest)) {
    pattern.shape = Pattern::Shape::kName;
    pattern.name = *name;
    return true;
  }
  if (pattern.below || !is_suffix(rest)) return false;
  pattern.shape = Pattern::Shape::kSuffix;
  pattern.name = *plain(rest.substr(1));
  return true;
}

Error refused(std::string_view text, std::string_view why) {
  return {fmt::format("'{}' {}", text, why), ExitCode::kUsage};
}

}  // namespace

std::string joined_path(const std::vector<std::string>& parts) {
  std::string path;
  for (const std::string& part : parts) path.append("/").append(part);
  return path.empty() ? "/" : path;
}

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) take_part(parts, std::string(next_component(path)));
  return parts;
}

std::string quoted_pattern(std::string_view path) {
  std::string text;
  for (const char c : path) {
    if (c == '\\' || kWild.find(c) != std::string_view::npos) text += '\\';
    text += c;
  }
  return text;
}

Result<Pattern> parse_pattern(std::string_view text) {
  if (text.empty()) return Error{"an empty pattern matches nothing", ExitCode::kUsage};
  if (text.size() > kLongest) return Error{"a pattern that is longer than any path", ExitCode::kUsage};
  if (text.find('\0') != std::string_view::npos) return Error{"a NUL in a pattern", ExitCode::kUsage};
  if (!text.starts_with('/') && !text.starts_with(kAnywhere))
    return refused(text, "does not begin with '/', '~/' or '**/'");
  Pattern pattern;
  std::string_view rest = text;
  pattern.below = take_subtree_end(rest);
  while (!rest.empty()) {
    std::string_view after = rest;
    auto name = plain(next_component(after));
    if (!name) break;
    take_part(pattern.parts, std::move(*name));
    rest = after;
  }
  if (rest.empty()) return pattern;
  if (has_component(rest, "..")) return refused(text, "has '..' behind a wildcard");
  const std::string wild = folded(rest);
  if (pattern.parts.empty() && take_anywhere(wild, pattern)) return pattern;
  if (const auto whole = Glob::parse(text); !whole) return whole.error();
  pattern.shape = Pattern::Shape::kGlob;
  pattern.glob = wild + (pattern.below ? "/" : "");
  return pattern;
}

}  // namespace aa
