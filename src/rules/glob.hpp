// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Patterns of paths with wildcards.
#pragma once

#include <re2/re2.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace aa {

// `*`, `?` and `[...]` match within a component, `**` across them, `\` takes the next character as it is, also in a
// set. A `/` at the end (or `/**`) means the directory and everything below it. A pattern that does not begin with `/`
// matches at any depth. Matching takes time in proportion to the lengths of both, whatever they hold.
class Glob {
 public:
  // Errors: an empty pattern; a `[` or a `\` without its end.
  static Result<Glob> parse(std::string_view pattern);
  bool matches(std::string_view path) const { return RE2::FullMatch({path.data(), path.size()}, *regex_); }
  // The same as a regular expression of RE2, to be taken together with others.
  const std::string& regex() const { return regex_->pattern(); }

  // How these expressions are meant: bytes, no captures, nothing printed.
  static RE2::Options regex_options();

 private:
  explicit Glob(std::shared_ptr<const RE2> regex) : regex_(std::move(regex)) {}
  std::shared_ptr<const RE2> regex_;  // a Glob is copied with the options; a compiled expression cannot be
};

// Takes what follows (or "/", "/**") off the end of a pattern, as often as it is there; says whether it was.
bool take_subtree_end(std::string_view& pattern);

}  // namespace aa
