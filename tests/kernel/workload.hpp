// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include "kernel/child.hpp"

#include <string>
#include <utility>
#include <vector>

namespace aa::test {

// One line of truth: what kind of fact, and its values. A list is a key that stands several times.
class Fact {
 public:
  explicit Fact(const std::string& line);

  const std::string& kind() const { return kind_; }
  const std::string& line() const { return line_; }
  bool has(const std::string& key) const;
  std::string text(const std::string& key) const;
  long long number(const std::string& key) const;
  std::vector<std::string> list(const std::string& key) const;
  void put(const std::string& key, const std::string& value) { values_.emplace_back(key, value); }
  void remove(const std::string& key);

 private:
  std::string line_;
  std::string kind_;
  std::vector<std::pair<std::string, std::string>> values_;
};

class Truth {
 public:
  Truth() = default;
  explicit Truth(const std::string& text);

  const std::vector<Fact>& facts() const { return facts_; }
  std::vector<Fact> of(const std::string& kind) const;
  // The one fact of this kind whose key has this value; the test fails where it is not exactly one.
  Fact only(const std::string& kind, const std::string& key, const std::string& value) const;
  Fact only(const std::string& kind) const;

 private:
  std::vector<Fact> facts_;
};

std::string workload_path(const std::string& name);

// A workload that runs on its own, outside the tracer's command line.
class Workload {
 public:
  Workload(const TempDir& directory, const std::string& name, const std::vector<std::string>& arguments = {});

  // Waits until it has said a fact of this kind: the first one.
  Fact await(const std::string& kind);
  // What it says before it waits for the go.
  Fact await_ready() { return await("ready"); }
  void go() const { child_.send("\n"); }
  void go_after(int microseconds) const { child_.send(std::to_string(microseconds) + "\n"); }
  void stop() { child_.close_input(); }
  pid_t pid() const { return child_.pid(); }
  // All whole lines that it has said until now.
  Truth so_far() const;
  // Waits for its end, then all it said. The test fails if it does not end with this code.
  Truth finish(int expected_code = 0);

 private:
  Child child_;
};

}  // namespace aa::test
