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

#include "event/alert.hpp"
#include "event/cpu_time.hpp"
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

// fork and exit
struct ProcessPart {
  std::uint32_t child_pid = 0;
  std::uint64_t child_start = 0;

  std::uint64_t began = 0;  // exit: since when `duration` counts, CLOCK_BOOTTIME, ns
  int code = 0;
  int signal = 0;
  bool core_dumped = false;
  // exit: of the process without its children, as the kernel counts them
  std::optional<std::uint64_t> max_rss;  // KiB
  std::optional<CpuTime> cpu_time;
  unsigned left = 0;        // enum aa_exit_left
  std::uint64_t table = 0;  // of descriptors: the process's, or the thread's
};

struct ExecPart {
  Text script;
  Text filename;
  Text cwd;
  Argv argv;
  Argv env;  // NAME=VALUE
  std::optional<std::uint32_t> loginuid, ruid;
  Lineage lineage;
};

// As stat(2) names a file.
struct FileId {
  std::uint32_t major = 0, minor = 0;  // of its file system
  std::uint64_t inode = 0;

  auto operator<=>(const FileId&) const = default;
};

// What an event is about that names a file or a descriptor: io too.
struct FilePart {
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
  bool not_created = false;                // open that failed: by it neither
  std::optional<bool> replaced;            // rename: there was a file at `new_path`, and it is gone
  bool removed = false;                    // xattr
  bool no_result = false;                  // nothing tells whether it failed
  bool unverified = false;                 // somebody may have answered in the kernel's place
  bool doubtful = false;                   // open: the path may be that of another file
  bool lexical = false;                    // a path is the caller's string made absolute
  std::optional<FileId> id;                // of the file at `path`
  Text path, new_path;
  Text name, new_name;  // as asked for, where the path differs
  Text text;            // symlink: target; xattr: the attribute's name

  static constexpr std::uint32_t kUnchanged = 0xffffffff;
};

struct IoPart {
  aa_totals totals{};            // since the last line of this descriptor
  std::uint64_t generation = 0;  // of the descriptor
  std::uint64_t table = 0;       // that its number is of
  bool closed = false;
  bool late = false;    // of one call alone that ended after its descriptor
  bool orphan = false;  // of one request alone that ended after its process
};

struct Event {
  aa_kind kind{};
  bool asked = true;  // false: only the process tree or the totals want to know
  bool compat = false;
  bool via_uring = false;

  std::uint64_t time = 0;   // CLOCK_BOOTTIME, ns
  std::uint64_t start = 0;  // of the process, CLOCK_BOOTTIME, ns: with pid, its identity
  std::uint32_t pid = 0;
  std::uint32_t tid = 0;
  std::uint32_t ppid = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint32_t exec_id = 0;
  std::uint32_t depth = 0;  // generations between the process and the root of the watch
  std::string_view comm;
  Text exe;  // of the process; an exec brings its own

  int error = 0;  // positive errno, 0: succeeded

  // of the family that the kind belongs to; the others are as they begin
  ProcessPart process;
  ExecPart exec;
  FilePart file;
  IoPart io;

  std::span<const Alert> alerts;  // the most important first
};

}  // namespace aa
