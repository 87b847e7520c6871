// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The descriptors that something went through: their paths, and what of their totals has been printed. Makes `io`
// events of what the kernel side counted.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "descriptors.h"
#include "event/event.hpp"

namespace aa {

struct CountedDescriptor {
  aa_descriptor_key key;
  aa_descriptor entry;  // its totals without AA_ENDED and marks
};

// Where the totals are.
class TotalsReader {
 public:
  virtual ~TotalsReader() = default;
  // Of a descriptor that is open: what went through it so far. Nothing: it has been closed meanwhile.
  virtual std::optional<aa_descriptor> read_totals(aa_descriptor_key key) const = 0;
};

class Descriptors {
 public:
  // From an AA_DESCRIPTOR event: its path, and whose it is.
  void begin(const Event& event);
  // An exec: what its descriptors do from now on is the new program's.
  void rename(const Event& event);
  // Completes the `io` event of a descriptor that has gone with its path, and takes away what was printed of it before.
  // Its strings are valid until the next call.
  void end(Event& event);
  // Threads that have ended shared this table: what is counted there goes with the process at the latest. A process can
  // make any number of them: of more than kNotedMax, what is counted stays in the kernel's map until the trace ends.
  static constexpr std::size_t kNotedMax = 65536;
  void note_table(std::uint32_t pid, std::uint64_t table) {
    if (noted_.size() < kNotedMax) noted_.insert({pid, table});
  }
  // The table has ended before its process.
  void forget_table(std::uint32_t pid, std::uint64_t table) { noted_.erase({pid, table}); }
  std::size_t noted() const { return noted_.size(); }
  // The tables of which the process has descriptors that did not end, and those that were noted.
  std::set<std::uint64_t> tables(std::uint32_t pid);
  // The process has ended: what is left of it, its last event was lost.
  void forget(std::uint32_t pid);

  // Hands an `io` event to `print` for each open descriptor through which something went since its last line. `last`:
  // the trace ends, and with it the descriptors.
  template <typename Print>
  void report(const TotalsReader& totals, bool last, Print print) {
    for (auto& [key, open] : open_)
      if (Event event; fill(key, open, totals, last, event)) print(event);
  }
  // The same, but last, for the next `at_most` descriptors: each costs a system call. Returns false if there are more:
  // call it again.
  template <typename Print>
  bool report_some(const TotalsReader& totals, std::size_t at_most, Print print) {
    auto at = open_.lower_bound(next_);
    for (; at != open_.end() && at_most > 0; ++at, at_most--)
      if (Event event; fill(at->first, at->second, totals, false, event)) print(event);
    const bool all = at == open_.end();
    next_ = all ? Key{} : at->first;
    return all;
  }

  std::size_t size() const { return open_.size(); }
  std::size_t bytes() const { return bytes_; }  // of their paths

  // Where the last records of a process are lost, nothing takes its descriptors away. The kernel counts no more than
  // kMost at a time, and can have a name of 4 KiB for each: the oldest of more go, and their lines have no path.
  static constexpr std::size_t kMost = AA_DESCRIPTORS_MAX, kBytesMost = 64u << 20;

 private:
  struct Key {
    std::uint32_t pid = 0;
    std::uint32_t fd = 0;
    std::uint64_t table = 0;   // as in aa_descriptor_key
    std::uint64_t orphan = 0;  // its generation: it stands beside the descriptor, which may have its last line to come
    auto operator<=>(const Key&) const = default;
  };
  // Who the lines are of that no record announces.
  struct Speaker {
    std::uint32_t tid = 0, ppid = 0, uid = 0, gid = 0;
    std::string comm;
  };
  struct Open {
    std::uint64_t generation = 0;
    std::uint64_t start = 0;
    Speaker speaker;
    std::string path;
    Text text;  // of `path`, without its bytes
    std::optional<FileId> id{};
    aa_totals printed{};
  };
  using Opens = std::map<Key, Open>;
  static Key key_of(const Event& event);
  static Speaker speaker_of(const Event& event);
  static bool fill(const Key& key, Open& open, const TotalsReader& totals, bool last, Event& event);

  void add(const Key& key, Open open);
  void drop(Opens::iterator at);
  using Begun = std::pair<Key, std::uint64_t>;  // with its generation
  Opens::iterator open_of(const Begun& begun);
  // Those of a process.
  std::pair<Opens::iterator, Opens::iterator> of(std::uint32_t pid);

  Opens open_;
  std::size_t bytes_ = 0;
  std::deque<Begun> oldest_;                                 // in their order; also those that have gone
  std::set<std::pair<std::uint32_t, std::uint64_t>> noted_;  // pid and table
  Key next_;                                                 // report_some()
  Open ended_;                                               // what the last event's strings point into
};

}  // namespace aa
