// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include "kernel/trace.hpp"

#include <string>
#include <vector>

namespace aa::test {

// What `-e` names for them: the file events that calls on names and descriptors make one by one.
extern const std::vector<std::string> kFileCalls;

// The events of one thread that tell of its calls on files, in order.
std::vector<Event> file_calls_of(const Report& report, long long tid);

// An event against a fact: the keys that the fact has, with these values, and no others.
void check_file_call(const Event& event, const Fact& call);

// For every thread that told a `call`: its file events are those calls that can be seen, one for one, in order.
// Returns how many calls there were.
int check_file_calls(const Report& report);

// The `call` facts whose key has this value.
std::vector<Fact> calls_with(const Report& report, const std::string& key, const std::string& value);

// How many calls of a kind a workload made, and how many of them succeed on every file system.
struct Calls {
  std::string kind;
  int made;
  int succeeding;
};

void check_counts(const Report& report, const std::vector<Calls>& expected);

// Traces the workload's calls on files and checks them all; its truth has so many `call` facts.
Report check_workload(const TempDir& directory, int calls, const std::string& workload,
                      const std::vector<std::string>& arguments = {});

}  // namespace aa::test
