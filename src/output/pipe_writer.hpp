// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Writes lines to a reader that may be slow, or may not read at all: a pipe, a terminal, a socket. A thread of its own
// does it: whether a write waits is a property of what others hold too (O_NONBLOCK, open(2)), and so not ours to set,
// and poll(2) promises nothing where COMMAND or another program writes to the same pipe.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "base/fd.hpp"
#include "base/result.hpp"
#include "output/spool.hpp"

namespace aa {

class PipeWriter {
 public:
  // Starts the thread; it has the privileges that its caller has now. `fd` is borrowed.
  static Result<std::unique_ptr<PipeWriter>> start(int fd, Spool::Limits limits);
  ~PipeWriter();
  PipeWriter(const PipeWriter&) = delete;
  PipeWriter& operator=(const PipeWriter&) = delete;

  // Whole lines; `lines` is empty afterwards.
  void put(std::string& lines) { spool_.put(lines); }
  bool has_room() { return spool_.has_room(); }
  std::uint64_t bytes() const { return spool_.bytes(); }  // that are not written yet
  std::optional<Error> take_trouble() { return spool_.take_trouble(); }

  // Readable, edge-triggered only, when something was written after want_progress(), and when the writing has failed.
  int progress_fd() const { return progress_.get(); }
  void want_progress() { progress_wanted_ = true; }
  // The errno value of the write that failed; 0: none has.
  int error() const { return error_; }

  // Ends the thread, also in a write that waits. Returns how many lines were not written whole.
  std::uint64_t give_up();

 private:
  PipeWriter(int fd, Spool::Limits limits);
  void run();
  bool write_lines(const std::string& lines);
  int wait_until_writable() const;
  std::size_t size_of_write(const std::string& lines, std::size_t from) const;
  void fail(int error);

  const int fd_;
  const bool is_pipe_;
  Spool spool_;
  Fd progress_;
  std::atomic<bool> stopped_{false};
  std::atomic<bool> ended_{false};
  std::atomic<bool> progress_wanted_{false};
  std::atomic<int> error_{0};
  std::uint64_t lines_left_ = 0;  // of the piece that was being written; after the thread has ended
  std::thread thread_;
};

}  // namespace aa
