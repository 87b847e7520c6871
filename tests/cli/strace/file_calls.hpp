// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The system calls on files, written down from their man pages and not from src/syscalls.cpp.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace aa::test {

struct FileCall {
  const char* call;
  const char* event;
  // What each argument is: the event's key, "*offset" for the address of one, "dir" and "new_dir" for what the next one
  // is relative to, "how" for a struct open_how, "-" for nothing of interest.
  const char* arguments;
  std::map<std::string, std::string> constants = {};
};

const std::vector<FileCall>& file_calls();

// For strace -e: these, and those that tell where a thread is and whose it is.
std::string calls_to_trace();

}  // namespace aa::test
