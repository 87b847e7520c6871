// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/hooks.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

namespace aa::test {

namespace {

// What stands for `name` in the environment: one of two words. Is it the first?
bool is_stated(const char* name, const std::string& first, const std::string& second) {
  const char* value = std::getenv(name);
  const std::string stated = value && *value ? value : second;
  REQUIRE_MESSAGE((stated == first || stated == second), name << " is neither " << first << " nor " << second);
  return stated == first;
}

}  // namespace

bool uses_functions() { return is_stated("AA_TEST_ENGINE", "fexit", "tracepoint"); }

bool has_functions() { return is_stated("AA_TEST_FUNCTIONS", "yes", "no"); }

bool names_are_resolved() { return is_stated("AA_TEST_NAMES", "resolved", "lexical"); }

bool is_seen(const Fact& call) { return !call.has("error") || call.text("error") != "ENOSYS" || !uses_functions(); }

}  // namespace aa::test
