// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the verifier had to look at: kept small, so that a start is quick and every kernel takes the programs.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

struct bpf_object;

namespace aa::test {

struct Effort {
  unsigned instructions = 0;  // that the verifier went through; it gives up at 1,000,000
  unsigned stack = 0;         // bytes, of the program and its functions together
};

// A row of the table of what it was when it was last looked at.
struct KnownEffort {
  const char* kernel;  // "6.12"
  const char* program;
  Effort effort;
};
extern const std::vector<KnownEffort> kKnownEfforts;

// Pure. Why the effort is too much, "" if it is not. `known`: of this kernel, null if nobody has looked there.
std::string excess(const Effort& effort, const Effort* known);

// Collects the highest effort for each program of the objects that were loaded.
class Budget {
 public:
  // Before the object is loaded: the verifier will say what it did.
  void watch(bpf_object* object);
  // After it.
  void take(bpf_object* object);
  // What the verifier said last of a program that it refused.
  std::string refusal() const;
  // Prints all, in the form of the table, and fails what is too much.
  void check() const;
  // The same without the table: for programs that are not those of which it speaks.
  void check_limits() const;

 private:
  std::map<std::string, std::vector<char>> logs_;
  std::map<std::string, Effort> highest_;
};

}  // namespace aa::test
