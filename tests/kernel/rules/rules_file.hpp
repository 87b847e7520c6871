// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include "kernel/trace.hpp"

#include <string>

namespace aa::test {

// A file for --rules, which a trace reads again. It is of another user, who alone may read it: aa-trace must, without
// the privileges that it has given up by then.
class RulesFile {
 public:
  RulesFile(const TempDir& directory, const std::string& text) : path_(directory.file("rules")) { write(text); }

  const std::string& path() const { return path_; }
  // A new file takes the place of the old one as a whole.
  void write(const std::string& text) const;
  void remove() const;
  // SIGHUP, and until the trace says that the new rules are in force, or why not.
  void reload(const Trace& trace);

 private:
  std::string path_;
  int reloads_ = 0;
};

}  // namespace aa::test
