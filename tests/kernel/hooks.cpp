// SPDX-License-Identifier: MIT OR Apache-2.0
#include "hooks.hpp"

#include <doctest/doctest.h>

#include "trace.hpp"

namespace aa::test {

namespace {

const std::string& check_text() {
  static const std::string text = [] {
    const TempDir directory;
    std::vector<std::string> command = aa_trace_command();
    command.push_back("--check");
    Child check(command, directory.path(), "check");
    check.wait();
    return check.out();
  }();
  return text;
}

// The line about this.
std::string check_line(const std::string& name) {
  const size_t begin = check_text().find("\n" + name + " ");
  REQUIRE(begin != std::string::npos);
  return check_text().substr(begin + 1, check_text().find('\n', begin + 1) - begin - 1);
}

}  // namespace

bool uses_functions() {
  static const bool uses = check_line("engine").find("yes  fexit: ") != std::string::npos;
  return uses;
}

bool has_functions() {
  static const bool has = check_line("engine").find("does not run programs on its functions") == std::string::npos;
  return has;
}

bool names_are_resolved() {
  static const bool resolved = check_line("unlink").find("path_unlink") != std::string::npos;
  return resolved;
}

bool is_seen(const Fact& call) { return !call.has("error") || call.text("error") != "ENOSYS" || !uses_functions(); }

}  // namespace aa::test
