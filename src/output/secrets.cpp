// SPDX-License-Identifier: MIT OR Apache-2.0
#include "output/secrets.hpp"

#include <re2/re2.h>

#include <algorithm>

#include "output/secret_patterns.hpp"

namespace aa {
namespace {

constexpr std::string_view kMask = "***";
constexpr int kMostGroups = 20;
constexpr std::int64_t kMemory = 1 << 20;  // of a pattern, for what it has learnt of the bytes it meets

std::unique_ptr<RE2> compiled(const std::string& regex) {
  RE2::Options options;
  options.set_encoding(RE2::Options::EncodingLatin1);  // arguments are bytes
  options.set_log_errors(false);
  options.set_max_mem(kMemory);
  return std::make_unique<RE2>(regex, options);
}

std::unique_ptr<RE2> compiled_or_null(const std::string& regex) {
  if (regex.empty()) return nullptr;
  return compiled(regex);
}

// "-c", "-lc": the argument after it is a program, of which an assignment is a part only.
bool takes_command(std::string_view argument) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return argument.size() > 1 && argument[0] == '-' && argument.back() == 'c' &&
         std::all_of(argument.begin() + 1, argument.end(), is_letter);
}

}  // namespace

SecretMask::SecretMask() : triggers_(compiled(secret_triggers())), no_secret_(compiled(kNoSecret)) {
  for (const SecretPattern& row : secret_patterns()) {
    Pattern& pattern = patterns_.emplace_back();
    pattern.programs = compiled_or_null(row.programs);
    pattern.regex = compiled(row.regex);
    pattern.unless = compiled_or_null(row.unless);
  }
}

SecretMask::~SecretMask() = default;

bool SecretMask::ok() const {
  const auto good = [](const Regex& regex) { return !regex || regex->ok(); };
  return good(triggers_) && good(no_secret_) &&
         std::all_of(patterns_.begin(), patterns_.end(), [&good](const Pattern& pattern) {
           return good(pattern.programs) && good(pattern.regex) && good(pattern.unless) &&
                  pattern.regex->NumberOfCapturingGroups() < kMostGroups;
         });
}

bool SecretMask::mask(std::vector<std::string_view>& arguments) {
  join(arguments);
  if (!RE2::PartialMatch(text_, *triggers_)) return false;
  secrets_.clear();
  for (const Pattern& pattern : patterns_) find(pattern);
  if (secrets_.empty()) return false;
  unite();
  replace(arguments);
  return true;
}

void SecretMask::join(const std::vector<std::string_view>& arguments) {
  text_.clear();
  places_.clear();
  bool command = false;
  for (const std::string_view argument : arguments) {
    text_.append(command ? 1 : 2, '\0');
    places_.push_back({text_.size(), text_.size() + argument.size()});
    text_.append(argument);
    command = takes_command(argument);
  }
  text_.push_back('\0');
}

void SecretMask::find(const Pattern& pattern) {
  const re2::StringPiece text(text_);
  const auto search = [&text](const RE2& regex, std::size_t from, re2::StringPiece* groups, int count) {
    return regex.Match(text, from, text.size(), RE2::UNANCHORED, groups, count);
  };
  const auto offset = [&text](const char* at) { return static_cast<std::size_t>(at - text.data()); };
  re2::StringPiece groups[kMostGroups];
  const int count = pattern.regex->NumberOfCapturingGroups() + 1;
  std::size_t from = 0;
  if (pattern.programs) {
    if (!search(*pattern.programs, 0, groups, 1)) return;
    from = offset(groups[0].end()) - 1;
  }
  while (search(*pattern.regex, from, groups, count)) {
    const bool excepted = pattern.unless && RE2::PartialMatch(groups[0], *pattern.unless);
    std::size_t next = from + 1;
    for (int i = 1; i < count; i++) {
      if (groups[i].empty()) continue;
      const Span span{offset(groups[i].begin()), offset(groups[i].end())};
      const bool secret = !excepted && is_secret({groups[i].data(), groups[i].size()});
      if (secret) secrets_.push_back(span);
      // what is no secret may have one in it: "$(curl --password x)"
      next = std::max(next, secret ? span.end : span.begin);
    }
    from = next;
  }
}

bool SecretMask::is_secret(std::string_view value) const { return !RE2::FullMatch(value, *no_secret_); }

// Several patterns may have found the same secret, or parts of it.
void SecretMask::unite() {
  std::sort(secrets_.begin(), secrets_.end(), [](const Span& a, const Span& b) { return a.begin < b.begin; });
  std::size_t last = 0;
  for (const Span& span : secrets_) {
    if (span.begin <= secrets_[last].end) secrets_[last].end = std::max(secrets_[last].end, span.end);
    else secrets_[++last] = span;
  }
  secrets_.resize(last + 1);
}

void SecretMask::replace(std::vector<std::string_view>& arguments) {
  masked_.clear();
  masked_.reserve(arguments.size());  // views of its strings must stay
  std::size_t next = 0;
  for (std::size_t i = 0; i < arguments.size() && next < secrets_.size(); i++)
    if (secrets_[next].begin < places_[i].end) arguments[i] = masked_.emplace_back(masked(places_[i], next));
}

// `next`: the first secret in the argument; becomes the first one behind it.
std::string SecretMask::masked(Span argument, std::size_t& next) const {
  std::string text;
  std::size_t at = argument.begin;
  for (; next < secrets_.size() && secrets_[next].begin < argument.end; next++) {
    text.append(text_, at, secrets_[next].begin - at).append(kMask);
    at = secrets_[next].end;
  }
  return text.append(text_, at, argument.end - at);
}

}  // namespace aa
