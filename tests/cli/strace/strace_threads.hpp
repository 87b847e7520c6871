// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Where the threads of a job are and whose they are, from the system calls that change it.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "cli/strace/strace_calls.hpp"

namespace aa::test {

class StraceThreads {
 public:
  StraceThreads(int first, std::string cwd);

  // False for a thread that nobody was seen to create.
  bool knows(int tid) const { return places_.contains(tid); }
  // Takes in what the call shows and changes.
  void take(const Call& call, const CallResult& result);

  const std::map<int, int>& processes() const { return process_of_; }  // pid by tid
  const std::string& cwd(int tid) const { return places_.at(tid)->cwd; }
  // The path of a name: folded, with links unresolved.
  std::string absolute(int tid, const std::string& directory, const std::string& name) const;

 private:
  struct Place {
    std::string cwd;
    std::string root;  // empty: that of the machine
  };
  void add(int tid, int parent, std::string_view clone_flags);

  std::map<int, std::shared_ptr<Place>> places_;  // threads may share one
  std::map<int, int> process_of_;
};

// "{flags=CLONE_VM|CLONE_FS, child_tid=0x1}": the value of `key`; empty: it is not there.
std::string field_of(std::string_view text, std::string_view key);

}  // namespace aa::test
