// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Patterns of paths.
#pragma once

#include <bitset>
#include <string_view>
#include <vector>

#include "result.hpp"

namespace aa {

// `*`, `?` and `[...]` match within a component, `**` across them, `\` takes the next character as it is, also in a
// set. A `/` at the end (or `/**`) means the directory and everything below it. A pattern that does not begin with `/`
// matches at any depth. Matching takes time in proportion to the lengths of both, whatever they hold.
class Glob {
 public:
  // Errors: an empty pattern; a `[` or a `\` without its end.
  static Result<Glob> parse(std::string_view pattern);
  bool matches(std::string_view path) const;

 private:
  enum class Type { kBytes, kStar, kDeepStar, kDirectories };  // the last: "**/", any number of whole components
  struct Element {
    Type type = Type::kBytes;
    std::bitset<256> bytes{};  // kBytes: one of these
  };

  bool begins_component() const;
  bool accepts(std::string_view path, std::size_t at) const;
  void enter(std::vector<char>& states, std::size_t state) const;
  void step(const std::vector<char>& from, std::vector<char>& to, unsigned char byte) const;

  std::vector<Element> elements_;
  bool subtree_ = false;
};

}  // namespace aa
