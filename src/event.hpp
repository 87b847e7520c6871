// SPDX-License-Identifier: MIT OR Apache-2.0
//
// An event as the sinks see it: decoded, checked, completed from the process tree. Strings point into the record that
// it was decoded from and into the decoder's own memory: they are valid until the next record.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "alert.hpp"
#include "events.h"

namespace aa {

// A string from the kernel. Any bytes but NUL. Absent: the key does not apply to this event.
struct Text {
  enum class State : std::uint8_t { kAbsent, kPresent, kUnreadable };

  std::string_view bytes;
  State state = State::kAbsent;
  bool truncated = false;
  bool deleted = false;  // a path: its last component had no name any more

  static Text of(std::string_view bytes) { return {bytes, State::kPresent, false}; }
  static Text unreadable() { return {{}, State::kUnreadable, false}; }
  bool present() const { return state == State::kPresent; }
};

struct Argv {
  std::vector<std::string_view> arguments;
  Text::State state = Text::State::kAbsent;
  bool truncated = false;
  bool redacted = false;          // secrets in them are masked
  std::uint32_t total_bytes = 0;  // of all arguments with their NULs, as they were; 0: not known
};

// Names of the ancestors from the watched root down.
struct Lineage {
  std::vector<std::string_view> names;
  Text::State state = Text::State::kAbsent;
  bool truncated = false;
};

struct Event {
  aa_kind kind{};
  bool asked = true;  // false: only the process tree or the totals want to know
  bool compat = false;
  bool via_uring = false;

  std::uint64_t time = 0;   // CLOCK_BOOTTIME, ns
  std::uint64_t start = 0;  // of the process, CLOCK_BOOTTIME, ns
  std::uint32_t pid = 0;
  std::uint32_t tid = 0;
  std::uint32_t ppid = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint32_t exec_id = 0;
  std::string_view comm;

  Text exe;  // of the process; an exec brings its own

  // fork
  std::uint32_t child_pid = 0;
  std::uint64_t child_start = 0;

  // exec and file events
  int error = 0;  // positive errno, 0: succeeded

  // exec
  Text script;
  Text filename;
  Text cwd;
  Argv argv;
  Lineage lineage;

  // exit
  int code = 0;
  int signal = 0;
  bool core_dumped = false;
  unsigned left = 0;  // enum aa_exit_left

  // file events
  std::optional<std::uint32_t> fd;  // with AA_FD_FIXED: not the process's own
  std::uint32_t flags = 0;
  bool flags_unreadable = false;  // and mode
  bool flags_truncated = false;   // some of them are not known, nor mode
  std::uint32_t mode = 0;
  std::int64_t size = 0;  // size, length, transferred bytes
  std::optional<std::int64_t> offset;
  bool offset_unreadable = false;
  bool arguments_unreadable = false;       // mmap: descriptor and length
  std::uint32_t new_uid = 0, new_gid = 0;  // kUnchanged: stays as it is
  bool created = false;                    // open: by this call
  bool removed = false;                    // xattr
  bool no_result = false;                  // nothing tells whether it failed
  bool unverified = false;                 // it may not have happened: somebody answered in the kernel's place
  bool doubtful = false;                   // open: the path may be that of another file
  bool lexical = false;                    // a path is the caller's string made absolute
  Text path, new_path;
  Text name, new_name;  // as asked for, where the path differs
  Text text;            // symlink: target; xattr: the attribute's name

  // io
  aa_totals totals{};            // since the last line of this descriptor
  std::uint64_t generation = 0;  // of the descriptor
  std::uint64_t table = 0;       // that its number is of; exit: the process's
  bool closed = false;
  bool late = false;    // of one call alone that ended after its descriptor
  bool orphan = false;  // of one request alone that ended after its process

  std::span<const Alert> alerts;  // the most important first

  static constexpr std::uint32_t kUnchanged = 0xffffffff;
};

}  // namespace aa
