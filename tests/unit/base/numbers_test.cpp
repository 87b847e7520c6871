// SPDX-License-Identifier: MIT OR Apache-2.0
#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <utility>

#include "base/numbers.hpp"

namespace aa::test {
namespace {

TEST_CASE("numbers: octal, as chmod(1) has it") {
  const std::pair<std::uint32_t, const char*> rows[] = {{0, "0000"},
                                                        {1, "0001"},
                                                        {010, "0010"},
                                                        {0644, "0644"},
                                                        {0777, "0777"},
                                                        {01000, "01000"},
                                                        {04755, "04755"},
                                                        {07777, "07777"},
                                                        {0100644, "0100644"},
                                                        {010600, "010600"},
                                                        {0140000, "0140000"},
                                                        {~0u, "037777777777"},
                                                        {1u << 31, "020000000000"}};
  for (const auto& [mode, expected] : rows) {
    CAPTURE(mode);
    std::string out = "x";
    append_octal(out, mode);
    CHECK(out == std::string("x") + expected);
  }
}

TEST_CASE("numbers: decimal, at both ends") {
  const auto decimal = [](auto value) {
    std::string out = "x";
    append_number(out, value);
    return out.substr(1);
  };
  CHECK(decimal(0) == "0");
  CHECK(decimal(-1) == "-1");
  CHECK(decimal(INT64_MIN) == "-9223372036854775808");
  CHECK(decimal(INT64_MAX) == "9223372036854775807");
  CHECK(decimal(UINT64_MAX) == "18446744073709551615");
  CHECK(decimal(UINT32_MAX) == "4294967295");
  std::uint64_t power = 1;
  for (int digits = 1; digits <= 20; digits++, power *= 10) {
    CAPTURE(digits);
    CHECK(decimal(power) == std::to_string(power));
    CHECK(decimal(power - 1) == std::to_string(power - 1));
    CHECK(decimal(power + 1) == std::to_string(power + 1));
  }
}

}  // namespace
}  // namespace aa::test
