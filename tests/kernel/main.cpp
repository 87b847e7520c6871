// SPDX-License-Identifier: MIT OR Apache-2.0
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include "kernel/verdict.hpp"

#include <unistd.h>
#include <csignal>
#include <cstdio>

int main(int argc, char** argv) {
  // A run that can prove nothing must not look like one that proved everything.
  if (geteuid() != 0) {
    std::fputs("kernel tests: need root\n", stderr);
    return 1;
  }
  // A workload that died early must fail its own test, not end all of them.
  std::signal(SIGPIPE, SIG_IGN);
  // What was started by nohup hands on that it ignores this, and aa-trace then leaves it ignored, as it should.
  std::signal(SIGHUP, SIG_DFL);
  return aa::test::print_verdict(doctest::Context(argc, argv).run());
}
