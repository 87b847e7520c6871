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
  return negated ? ~bytes & any_but_slash() : bytes & any_but_slash();
}

// Takes one character off the pattern that stands for itself. Nothing: a `\` without it.
std::optional<Bytes> take_character(std::string_view& pattern) {
  std::size_t at = 0;
  const auto byte = next_byte(pattern, at);
  if (!byte) return std::nullopt;
  pattern.remove_prefix(at);
  return Bytes().set(*byte);
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
    if (glob.begins_component() && take_all(pattern, "**/")) glob.elements_.push_back({Type::kDirectories});
    else if (pattern.starts_with("**") && take_all(pattern, "*")) glob.elements_.push_back({Type::kDeepStar});
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

// There "**/" means whole directories: "a**/b" is not "ab".
bool Glob::begins_component() const {
  return elements_.empty() || elements_.back().type == Type::kDirectories || elements_.back().bytes['/'];
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
