// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/rules/rules_file.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>
#include <unistd.h>
#include <csignal>
#include <cstdio>
#include <fstream>

namespace aa::test {

namespace {

constexpr uid_t kOther = 65534;

int count_of(const std::string& text, const std::string& wanted) {
  int count = 0;
  for (size_t at = text.find(wanted); at != std::string::npos; at = text.find(wanted, at + 1)) count++;
  return count;
}

}  // namespace

void RulesFile::write(const std::string& text) const {
  const std::string made = path_ + ".new";
  std::ofstream(made, std::ios::binary) << text;
  REQUIRE(chmod(made.c_str(), 0600) == 0);
  REQUIRE(chown(made.c_str(), kOther, kOther) == 0);
  REQUIRE(std::rename(made.c_str(), path_.c_str()) == 0);
}

void RulesFile::remove() const { REQUIRE(unlink(path_.c_str()) == 0); }

void RulesFile::reload(const Trace& trace) {
  reloads_++;
  REQUIRE(kill(trace.pid(), SIGHUP) == 0);
  const bool done = wait_until([&] {
    const std::string errors = trace.errors();
    return count_of(errors, "rules read again") + count_of(errors, "remain in force") == reloads_;
  });
  REQUIRE_MESSAGE(done, "the rules are not read again: " << trace.errors());
}

}  // namespace aa::test
