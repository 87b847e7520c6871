// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Lines on their way to a reader that is slower than the trace, in order: first in memory, then in a file without a
// name. One thread puts them in, another one takes them out.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>

#include "base/fd.hpp"
#include "base/result.hpp"

namespace aa {

class Spool {
 public:
  struct Limits {
    std::uint64_t bytes = 1u << 30;    // of all that is kept
    std::uint64_t memory = 64u << 20;  // how much of it is in memory
    std::string directory;             // of the file, which is made when it is first needed; "": $TMPDIR or /tmp
  };
  static constexpr std::size_t kPiece = 1u << 18;  // bytes that are moved at once

  explicit Spool(Limits limits);

  // For who puts in: whole lines. `lines` is empty afterwards.
  void put(std::string& lines);
  // Whether more may come. What is put in all the same is kept too, in memory.
  bool has_room();
  // Once: why the file does not take what the limits allow.
  std::optional<Error> take_trouble();
  // Who takes out gets no more.
  void stop();

  // For who takes out: waits for whole lines. Nothing: stop() was called, or the file cannot be read, see broken().
  std::optional<std::string> take();
  // With the piece that was taken; its memory is used again.
  void done(std::string piece);
  bool broken() const;
  // What was put in and is not done with.
  std::uint64_t bytes() const;

  // After stop(): how many lines nobody has taken.
  std::uint64_t count_lines();

 private:
  bool is_in_file() const { return head_ < tail_; }
  std::optional<std::string> next();
  std::optional<std::string> read_lines();
  bool read_file(std::string& to) const;
  void put_behind(std::deque<std::string>& pieces, std::string& lines);
  std::size_t write_file(const std::string& lines);
  void move_rest();
  bool open_file();
  void reset_file();

  Limits limits_;
  mutable std::mutex mutex_;  // of all below
  std::condition_variable filled_;
  bool stopped_ = false, waits_ = false, broken_ = false;
  std::uint64_t bytes_ = 0;
  std::uint64_t taken_ = 0;        // of these, in the piece that was taken last
  std::uint64_t memory_ = 0;       // that the pieces in `front_` have
  std::deque<std::string> front_;  // what came before the file
  std::deque<std::string> rest_;   // what came after it, for which it had no room
  std::string spare_;              // memory to use again

  // The file is a ring: a byte's place is its number modulo `ring_`. The numbers begin again when it is empty.
  Fd file_;
  std::uint64_t ring_ = 0;
  std::uint64_t head_ = 0, tail_ = 0;
  std::optional<Error> trouble_;
  bool told_ = false;
};

}  // namespace aa
