// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Requests of io_uring: what one asks for comes in one record, its result in a later one. Makes one record of both.
// What waits for its result is bounded in bytes: a program can leave as many requests as it likes behind one that never
// ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "events.h"

namespace aa {

class UringPairs {
 public:
  using Record = std::span<const std::byte>;

  // What waits, and about what the containers take for it; beyond, the oldest go, each one an event that is lost.
  static constexpr std::size_t kBytesMax = 16 << 20, kBytesOfEntry = 160;
  // After its end a process's last requests are cancelled by the kernel, by a thread of its own (io_ring_exit_work()).
  // What is left then was lost on the way, and counted where that happened. ns
  static constexpr std::uint64_t kEndedGrace = 10'000'000'000;
  // Processes that are noted for that. ns: then it is looked for what they left, all at once
  static constexpr std::size_t kEndedMax = 65536;
  static constexpr std::uint64_t kEndedEvery = 1'000'000'000;

  // The record to go on with: the same one where it is no request, the request with its result where that came, nothing
  // while the result is awaited. What it returns is valid until the next call. Records that make no sense pass: the
  // decoder refuses them.
  std::optional<Record> put_together(Record record);
  std::size_t waiting() const { return waiting_.size(); }
  std::size_t bytes() const { return bytes_; }
  std::size_t noted() const { return ages_.size() + ended_.size(); }
  // Requests that went because there was no room for them.
  std::uint64_t lost() const { return lost_; }

 private:
  struct Waiting {
    std::vector<std::byte> record;
    std::uint64_t number = 0;  // in the order in which they came
  };
  struct Age {
    std::int64_t address;
    std::uint64_t number;
  };
  struct Ended {
    std::uint32_t pid;
    std::uint64_t start, time;
  };
  using Places = std::unordered_map<std::int64_t, Waiting>;

  void add(std::int64_t address, Record record);
  bool is_there(const Age& age) const;
  void make_room();
  void note_end(const aa_header& exit);
  void forget_ended(std::uint64_t now);
  std::vector<std::byte> take(Places::iterator at);
  std::optional<Record> finish(const aa_file& result, Record record);
  bool is_the_asked(const aa_file& request, const aa_file& result, Record record);

  Places waiting_;           // by the request's address
  std::deque<Age> ages_;     // the oldest first; of some the result has come
  std::deque<Ended> ended_;  // processes, while something waits
  std::size_t bytes_ = 0;
  std::uint64_t number_ = 0, lost_ = 0;
  std::vector<std::byte> whole_;
  std::string found_, directory_, root_, asked_;
};

}  // namespace aa
