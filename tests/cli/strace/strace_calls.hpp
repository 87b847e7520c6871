// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The lines of `strace -f -y -xx` as system calls. With -xx a string holds nothing but \xNN: no name can look like
// syntax.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace aa::test {

struct Call {
  int tid = 0;
  std::string name;
  std::vector<std::string> arguments;  // as written
  std::string result;                  // what stands behind the "="

  std::string_view argument(int index) const {
    const auto at = static_cast<size_t>(index);
    return index >= 0 && at < arguments.size() ? std::string_view(arguments[at]) : "";
  }
};

struct StraceCalls {
  std::vector<Call> calls;  // in the order in which they began
  std::set<int> killed;     // threads
  std::vector<std::string> not_understood;
};

StraceCalls parse_calls(const std::string& log);

struct CallResult {
  enum class Kind {
    kValue,
    kError,
    kRestarts,  // the kernel calls again by itself, or the caller gets EINTR: the result of rt_sigreturn tells
    kUnknown,   // the thread was killed before strace could look
  };
  Kind kind = Kind::kUnknown;
  std::int64_t value = 0;
  std::string error;
};
// Nothing: not understood.
std::optional<CallResult> result_of(std::string_view text);

// "3<\x2f\x61>(deleted)", "AT_FDCWD<\x2f>", "-1"
struct Descriptor {
  std::string number;
  std::optional<std::string> path;  // in aa-trace's words; none: nothing is open there
};
Descriptor descriptor_of(std::string_view text);

// Nothing: it is not a string, or it was cut.
std::optional<std::string> string_of(std::string_view text);
// "0644", "S_IFIFO|0600", "-1", "0x10"
std::optional<std::int64_t> number_of(std::string_view text);

}  // namespace aa::test
