// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/pid_namespace.hpp"

#include <doctest/doctest.h>

namespace aa::test {

TEST_CASE("a /proc of the own pid namespace has one number for the process") {
  CHECK(is_own_proc("Name:\taa-trace\nNSpid:\t7\nNSpgid:\t7\t8\n"));
  CHECK_FALSE(is_own_proc("Name:\taa-trace\nNSpid:\t4711\t7\nNSpgid:\t7\n"));
  CHECK_FALSE(is_own_proc("NSpid:\t4711\t70\t1\n"));
}

TEST_CASE("a kernel without pid namespaces has only one /proc") { CHECK(is_own_proc("Name:\taa-trace\nTgid:\t7\n")); }

TEST_CASE("a name is not taken for the numbers") { CHECK(is_own_proc("Name:\tNSpid: 1 2\nNSpid:\t7\n")); }

}  // namespace aa::test
