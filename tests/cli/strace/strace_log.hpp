// What strace -f -qq -xx -v -e trace=execve,execveat saw: the second, independent witness.
#pragma once

#include <string>
#include <vector>

namespace aa::test {

struct Exec {
  std::string filename;
  std::vector<std::string> argv;
  std::string error;  // empty: it succeeded
  friend bool operator==(const Exec&, const Exec&) = default;
  friend auto operator<=>(const Exec&, const Exec&) = default;
};

struct StraceLog {
  std::vector<Exec> execs;
  std::vector<std::string> not_understood;  // lines; must be empty for the comparison to mean anything
};

StraceLog parse_strace(const std::string& text);

}  // namespace aa::test
