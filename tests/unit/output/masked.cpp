// SPDX-License-Identifier: MIT OR Apache-2.0
#include "unit/output/masked.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace aa::test {

std::string joined_arguments(const Arguments& arguments) {
  std::string all;
  for (const std::string& argument : arguments) all += "[" + argument + "]";
  return all;
}

Masked mask(SecretMask& secrets, const Arguments& arguments) {
  std::vector<std::string_view> views(arguments.begin(), arguments.end());
  const bool found = secrets.mask(views);
  return {found, {views.begin(), views.end()}};
}

std::string filled(const std::string& part, std::size_t length) {
  std::string all;
  while (all.size() + part.size() <= length) all += part;
  return all;
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
    text.replace(at, what.size(), by);
  return text;
}

MaskedRow::MaskedRow(const std::string& text) {
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('|', at), text.size());
    std::string argument = text.substr(at, end - at);
    given.push_back(replaced(replaced(argument, "<<", ""), ">>", ""));
    for (std::size_t open; (open = argument.find("<<")) != std::string::npos;) {
      const std::size_t close = argument.find(">>", open);
      REQUIRE(close != std::string::npos);
      argument.replace(open, close + 2 - open, "***");
    }
    expected.push_back(argument);
    at = end + 1;
  }
}

void check_masked(SecretMask& secrets, const std::string& row) {
  CAPTURE(row);
  const MaskedRow parsed(row);
  const Masked result = mask(secrets, parsed.given);
  CHECK(joined_arguments(result.arguments) == joined_arguments(parsed.expected));
  CHECK(result.found == (row.find("<<") != std::string::npos));
}

}  // namespace aa::test
