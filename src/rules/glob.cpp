// SPDX-License-Identifier: MIT OR Apache-2.0
#include "rules/glob.hpp"

#include <bitset>
#include <iterator>
#include <optional>

#include "base/format.hpp"

namespace aa {
namespace {

using Bytes = std::bitset<256>;

constexpr char kNotSlash[] = "[^/]";
constexpr char kDirectories[] = "(?:.*/)?";  // any number of whole components
constexpr char kBelow[] = "(?:/.*)?";

unsigned char byte_of(char c) { return static_cast<unsigned char>(c); }

// The byte at `at`, behind a `\` the one after it; moves on. Nothing: the pattern ends before.
std::optional<unsigned char> next_byte(std::string_view pattern, std::size_t& at) {
  if (at < pattern.size() && pattern[at] == '\\') at++;
  return at < pattern.size() ? std::optional(byte_of(pattern[at++])) : std::nullopt;
}

// Takes "[a-z]" off the pattern; a "]" that comes first stands for itself. Nothing: it does not end.
std::optional<Bytes> take_set(std::string_view& pattern) {
  const bool negated = pattern.size() > 1 && (pattern[1] == '!' || pattern[1] == '^');
  std::size_t at = negated ? 2 : 1;
  Bytes bytes;
  do {
    const auto low = next_byte(pattern, at);
    const bool range = at + 1 < pattern.size() && pattern[at] == '-' && pattern[at + 1] != ']';
    const auto high = range ? next_byte(pattern, ++at) : low;
    if (!low || !high) return std::nullopt;
    for (unsigned c = *low; c <= *high; c++) bytes.set(c);
  } while (at < pattern.size() && pattern[at] != ']');
  if (at >= pattern.size()) return std::nullopt;
  pattern.remove_prefix(at + 1);
  return (negated ? ~bytes : bytes).reset('/');
}

// Takes one character off the pattern that stands for itself. Nothing: a `\` without it.
std::optional<Bytes> take_character(std::string_view& pattern) {
  std::size_t at = 0;
  const auto byte = next_byte(pattern, at);
  if (!byte) return std::nullopt;
  pattern.remove_prefix(at);
  return Bytes().set(*byte);
}

void append_class(std::string& regex, const Bytes& bytes) {
  regex += bytes.none() ? "[^" : "[";
  // nothing: not any byte
  for (unsigned c = 0; c < bytes.size(); c++)
    if (bytes.none() || bytes[c]) fmt::format_to(std::back_inserter(regex), "\\x{:02x}", c);
  regex += ']';
}

bool take(std::string_view& pattern, std::string_view word) {
  if (!pattern.starts_with(word)) return false;
  pattern.remove_prefix(word.size());
  return true;
}

// Once or more often. Neighbours that match any number of bytes become one: each would cost its time for every byte.
bool take_all(std::string_view& pattern, std::string_view word) {
  if (!take(pattern, word)) return false;
  while (take(pattern, word)) {
  }
  return true;
}

// An escaped character before the end is not what it looks like.
bool ends_plainly(std::string_view pattern, std::string_view end) {
  if (!pattern.ends_with(end)) return false;
  pattern.remove_suffix(end.size());
  const std::size_t last = pattern.find_last_not_of('\\');
  return (pattern.size() - (last == std::string_view::npos ? 0 : last + 1)) % 2 == 0;
}

// Nothing: a `[` or a `\` without its end.
std::optional<std::string> regex_of(std::string_view pattern) {
  std::string regex;
  bool component_begins = true;  // there "**/" means whole directories: "a**/b" is not "ab"
  if (!pattern.starts_with('/') && !pattern.starts_with("**")) regex += kDirectories;
  const bool below = take_subtree_end(pattern);
  while (!pattern.empty()) {
    if (component_begins && take_all(pattern, "**/")) {
      regex += kDirectories;
      continue;
    }
    component_begins = false;
    if (pattern.starts_with("**") && take_all(pattern, "*")) regex += ".*";
    else if (take(pattern, "*")) regex.append(kNotSlash).push_back('*');
    else if (take(pattern, "?")) regex += kNotSlash;
    else {
      const auto bytes = pattern[0] == '[' ? take_set(pattern) : take_character(pattern);
      if (!bytes) return std::nullopt;
      append_class(regex, *bytes);
      component_begins = (*bytes)['/'];
    }
  }
  return below ? regex + kBelow : regex;
}

}  // namespace

bool take_subtree_end(std::string_view& pattern) {
  const std::size_t length = pattern.size();
  for (bool more = true; more;) {
    more = false;
    for (const std::string_view end : {"/**", "/"})
      while (ends_plainly(pattern, end)) {
        pattern.remove_suffix(end.size());
        more = true;
      }
  }
  return pattern.size() < length;
}

RE2::Options Glob::regex_options() {
  RE2::Options options;
  options.set_encoding(RE2::Options::EncodingLatin1);
  options.set_dot_nl(true);
  options.set_never_capture(true);
  options.set_log_errors(false);
  return options;
}

Result<Glob> Glob::parse(std::string_view text) {
  if (text.empty()) return Error{"an empty pattern matches nothing", ExitCode::kUsage};
  const auto regex = regex_of(text);
  if (!regex) return Error{fmt::format("'{}' has a '[' or '\\' without its end", text), ExitCode::kUsage};
  auto compiled = std::make_shared<const RE2>(*regex, regex_options());
  if (!compiled->ok()) return Error{fmt::format("'{}' is too long", text), ExitCode::kUsage};
  return Glob(std::move(compiled));
}

}  // namespace aa
