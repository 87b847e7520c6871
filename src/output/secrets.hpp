// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Passwords, tokens and keys in arguments: made unrecognizable before they are printed.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace re2 {
class RE2;
}

namespace aa {

// Masks what looks like a secret in the arguments of an exec. The patterns are those of secret_patterns.hpp. Takes time
// in proportion to the length of the arguments, whatever they hold.
class SecretMask {
 public:
  SecretMask();
  ~SecretMask();
  // Replaces values by "***"; what is around them stays byte for byte. False: nothing was found, `arguments` is
  // unchanged. The new strings live in the mask until the next call.
  bool mask(std::vector<std::string_view>& arguments);
  // Are all patterns well-formed? (They are: this is for the tests.)
  bool ok() const;

 private:
  using Regex = std::unique_ptr<re2::RE2>;
  struct Pattern {
    Regex programs, regex, unless;  // the first and the last may be null
  };
  struct Span {
    std::size_t begin, end;
  };

  void join(const std::vector<std::string_view>& arguments);
  void find(const Pattern& pattern);
  bool is_secret(std::string_view value) const;
  void unite();
  void replace(std::vector<std::string_view>& arguments);
  std::string masked(Span argument, std::size_t& next) const;

  Regex triggers_, no_secret_;
  std::vector<Pattern> patterns_;
  std::string text_;           // the arguments as the patterns see them
  std::vector<Span> places_;   // of the arguments in it
  std::vector<Span> secrets_;  // what was found in it
  std::vector<std::string> masked_;
};

}  // namespace aa
