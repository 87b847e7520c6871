// SPDX-License-Identifier: MIT OR Apache-2.0
#include "glob.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace aa {
namespace {

using Bytes = std::bitset<256>;

unsigned char byte_of(char c) { return static_cast<unsigned char>(c); }

Bytes any_but_slash() { return Bytes().set().reset('/'); }

// Takes "[a-z]" off the pattern; a "]" that comes first stands for itself. Nothing: it does not end.
std::optional<Bytes> take_set(std::string_view& pattern) {
  const bool negated = pattern.size() > 1 && (pattern[1] == '!' || pattern[1] == '^');
  const std::size_t first = negated ? 2 : 1;
  const std::size_t end = pattern.find(']', first + 1);
  if (end == std::string_view::npos) return std::nullopt;
  Bytes bytes;
  for (std::size_t i = first; i < end; i++) {
    const bool range = i + 2 < end && pattern[i + 1] == '-';
    for (unsigned c = byte_of(pattern[i]); c <= byte_of(pattern[range ? i + 2 : i]); c++) bytes.set(c);
    if (range) i += 2;
  }
  pattern.remove_prefix(end + 1);
  return negated ? ~bytes & any_but_slash() : bytes & any_but_slash();
}

// Takes one character off the pattern that stands for itself. Nothing: a `\` without it.
std::optional<Bytes> take_character(std::string_view& pattern) {
  if (pattern[0] == '\\') pattern.remove_prefix(1);
  if (pattern.empty()) return std::nullopt;
  Bytes bytes;
  bytes.set(byte_of(pattern[0]));
  pattern.remove_prefix(1);
  return bytes;
}

bool take(std::string_view& pattern, std::string_view word) {
  if (!pattern.starts_with(word)) return false;
  pattern.remove_prefix(word.size());
  return true;
}

// An escaped character before the end is not what it looks like.
bool ends_plainly(std::string_view pattern, std::string_view end) {
  if (!pattern.ends_with(end)) return false;
  pattern.remove_suffix(end.size());
  const std::size_t last = pattern.find_last_not_of('\\');
  return (pattern.size() - (last == std::string_view::npos ? 0 : last + 1)) % 2 == 0;
}

}  // namespace

Result<Glob> Glob::parse(std::string_view text) {
  if (text.empty()) return Error{"an empty pattern matches nothing", ExitCode::kUsage};
  Glob glob;
  std::string_view pattern = text;
  if (!pattern.starts_with('/') && !pattern.starts_with("**")) glob.elements_.push_back({Type::kDirectories});
  for (const std::string_view end : {"/**", "/"}) {
    if (!ends_plainly(pattern, end)) continue;
    glob.subtree_ = true;
    pattern.remove_suffix(end.size());
    break;
  }
  while (!pattern.empty()) {
    if (take(pattern, "**/")) glob.elements_.push_back({Type::kDirectories});
    else if (take(pattern, "**")) glob.elements_.push_back({Type::kDeepStar});
    else if (take(pattern, "*")) glob.elements_.push_back({Type::kStar});
    else if (take(pattern, "?")) glob.elements_.push_back({Type::kBytes, any_but_slash()});
    else {
      const auto bytes = pattern[0] == '[' ? take_set(pattern) : take_character(pattern);
      if (!bytes) return Error{"'" + std::string(text) + "' has a '[' or '\\' without its end", ExitCode::kUsage};
      glob.elements_.push_back({Type::kBytes, *bytes});
    }
  }
  return glob;
}

// All states that the pattern can be in after each byte of the path, at once: a state is the number of elements done.
bool Glob::matches(std::string_view path) const {
  std::vector<char> states(elements_.size() + 1), next(states.size());
  enter(states, 0);
  for (std::size_t at = 0;; at++) {
    if (states.back() && accepts(path, at)) return true;
    if (at == path.size()) return false;
    std::fill(next.begin(), next.end(), 0);
    step(states, next, byte_of(path[at]));
    states.swap(next);
  }
}

bool Glob::accepts(std::string_view path, std::size_t at) const {
  return at == path.size() || (subtree_ && path[at] == '/');
}

// What can be empty is done as soon as it begins.
void Glob::enter(std::vector<char>& states, std::size_t state) const {
  states[state] = 1;
  while (state < elements_.size() && elements_[state].type != Type::kBytes) states[++state] = 1;
}

void Glob::step(const std::vector<char>& from, std::vector<char>& to, unsigned char byte) const {
  for (std::size_t state = 0; state < elements_.size(); state++) {
    if (!from[state]) continue;
    const Element& element = elements_[state];
    switch (element.type) {
      case Type::kBytes:
        if (element.bytes[byte]) enter(to, state + 1);
        break;
      case Type::kStar:
        if (byte != '/') enter(to, state);
        break;
      case Type::kDeepStar: enter(to, state); break;
      case Type::kDirectories:
        to[state] = 1;  // within a component: not done before its end
        if (byte == '/') enter(to, state + 1);
        break;
    }
  }
}

}  // namespace aa
