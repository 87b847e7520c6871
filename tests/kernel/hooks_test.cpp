// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The one place where aa-trace is asked what it can do here: it must be what this machine was stated to promise.
#include "kernel/hooks.hpp"
#include "kernel/trace.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace aa::test {

namespace {

// The line of --check about this.
std::string line_about(const std::string& text, const std::string& name) {
  const size_t begin = text.find("\n" + name + " ");
  REQUIRE_MESSAGE(begin != std::string::npos, "--check says nothing about " << name << ": " << text);
  return text.substr(begin + 1, text.find('\n', begin + 1) - begin - 1);
}

bool has(const std::string& line, const std::string& part) { return line.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("hooks: the engine and the names that this machine promises are those that --check tells") {
  const TempDir directory;
  std::vector<std::string> command = aa_trace_command();
  command.push_back("--check");
  Child check(command, directory.path(), "check");
  REQUIRE(check.wait());
  const std::string engine = line_about(check.out(), "engine");
  const std::string unlink = line_about(check.out(), "unlink");
  INFO(engine);
  const std::string open = line_about(check.out(), "open");
  INFO(unlink);
  INFO(open);
  CHECK(has(engine, uses_functions() ? "yes  fexit: " : "yes  tracepoint: "));
  CHECK(has(engine, "does not run programs on its functions") == !has_functions());
  CHECK(has(unlink, "path_unlink") == names_are_resolved());
  CHECK(has(open, "file_open") == names_are_resolved());
}

}  // namespace aa::test
