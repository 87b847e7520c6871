// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Arguments before and after masking.
#pragma once

#include <string>
#include <vector>

#include "output/secrets.hpp"

namespace aa::test {

using Arguments = std::vector<std::string>;

// "[a][b c]"
std::string joined_arguments(const Arguments& arguments);

struct Masked {
  bool found;
  Arguments arguments;
};
Masked mask(SecretMask& secrets, const Arguments& arguments);

// As many whole ones as fit.
std::string filled(const std::string& part, std::size_t length);
std::string replaced(std::string text, const std::string& what, const std::string& by);

// From one string, with '|' between the arguments and "<<" and ">>" around what is secret.
struct MaskedRow {
  explicit MaskedRow(const std::string& text);
  Arguments given, expected;
};
void check_masked(SecretMask& secrets, const std::string& row);

}  // namespace aa::test
