// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include "kernel/trace.hpp"

#include <string>
#include <vector>

namespace aa::test {

// What an exec must say where the new program itself could not know it.
struct Asked {
  std::string filename;
  std::string exe;  // empty: what the program found in /proc/self/exe
  std::string cwd;  // empty: what the program found in /proc/self/cwd
};

// A successful exec against what the new program says of itself.
void check_exec(const Event& exec, const Fact& self, const Asked& asked);

// A failed one against what its caller says.
void check_failed_exec(const Event& exec, const Fact& failed);

// For every `call` that has a `self`: the exec event of that pid with that filename. Returns how many.
int check_calls(const Report& report);

// For every child a workload waited for: exactly one exit event, with the status the parent got.
int check_exits(const Report& report);

// The name the kernel's number has in signal(7); empty for those without one.
std::string signal_name(long long number);

}  // namespace aa::test
