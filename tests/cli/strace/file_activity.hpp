// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the threads of a job did to files, as strace and as aa-trace tell it, and whether that is the same.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "cli/events.hpp"
#include "cli/strace/strace_calls.hpp"

namespace aa::test {

struct Operation {
  std::string event;
  std::map<std::string, std::string> keys;  // as in aa-trace's events, the values as text; lists sorted

  // What strace leaves open:
  std::set<std::string> unknown;                              // the values of these keys
  bool perhaps = false;                                       // whether it was done
  std::optional<std::pair<unsigned, unsigned>> closed_range;  // any closes of these descriptors, instead of one
};
std::string to_text(const Operation& operation);

struct Totals {
  std::uint64_t reads = 0, read_bytes = 0, writes = 0, written_bytes = 0;
  bool operator==(const Totals&) const = default;
};
using Stream = std::tuple<int, unsigned, std::string>;  // pid, descriptor, path

struct Activity {
  int first = 0;                                  // thread
  std::map<int, std::vector<Operation>> threads;  // by tid, in the order in which they were done
  std::map<int, int> process_of;                  // pid by tid; strace's
  std::set<int> killed;                           // threads; strace's
  std::map<Stream, Totals> totals;
  std::vector<std::string> faults;  // what was lost or not understood
};

// `cwd`: where the job began.
Activity activity_of(const StraceCalls& calls, const std::string& cwd);
// Of the threads that strace saw; of the first of them from its exec on, for before it was strace's own.
Activity activity_of(const Events& events, const Activity& strace);

struct Comparison {
  std::map<std::string, size_t> alike;    // operations that both told, by event
  std::map<std::string, size_t> excused;  // by reason
  size_t streams = 0;                     // with the same totals
  std::vector<std::string> differences;   // at most one for each thread: the first
};
Comparison compare(const Activity& strace, const Activity& trace);
size_t sum(const std::map<std::string, size_t>& counts);

}  // namespace aa::test
