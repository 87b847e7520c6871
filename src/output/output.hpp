// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Where the lines go: stdout or a file. Lines are collected and written together. What may make its writer wait, a pipe
// or a terminal, is written by a thread of its own, behind a spool.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/fd.hpp"
#include "base/result.hpp"
#include "output/pipe_writer.hpp"

namespace aa {

class Output {
 public:
  // "-": stdout, which is borrowed. A file is created if it is not there, for its owner alone. A named pipe waits for
  // its reader, until a signal comes after which `gives_up` says so.
  static Result<Output> open(
      const std::string& path, const std::function<bool()>& gives_up = [] { return false; });

  // Before the first flush(), when everything else is ready: empties a file, unless it is to `append`, for what was in
  // it may be all there is; or starts the thread, with the privileges that are left.
  Status begin(const Spool::Limits& limits, bool append = false);
  // After flush(): goes on in the file that has the name now, which is created if there is none. Nothing happens where
  // the output is no file of ours. After an error the one from before is written on.
  Status reopen();

  // Append whole lines here.
  std::string& buffer() { return buffer_; }
  bool is_full() const { return buffer_.size() >= Spool::kPiece; }
  // The descriptor that is written to; still owned here.
  int borrowed_fd() const { return file_ ? file_.get() : 1; }
  bool is_terminal() const;

  enum class Written { kAll, kReaderGone, kFailed };
  // Hands on all that was collected. kFailed: see error(). A file then ends with a whole line, or the error says that
  // it does not. kAll says nothing of what is still in the spool.
  Written flush();
  const std::string& error() const { return error_; }
  bool reader_is_gone() const { return reader_gone_; }

  // Whether the reader, or the spool, takes more. What is flushed all the same is kept in memory.
  bool has_room() { return !writer_ || writer_->has_room(); }
  // Bytes that the reader has not taken.
  std::uint64_t unwritten() const { return writer_ ? writer_->bytes() : 0; }
  // Readable, edge-triggered only, when something was written after want_progress(), and when that failed; or -1.
  int progress_fd() const { return writer_ ? writer_->progress_fd() : -1; }
  void want_progress() {
    if (writer_) writer_->want_progress();
  }
  // Once: why the spool holds less than it may, or why there is none.
  std::optional<Error> take_trouble() {
    return writer_ ? writer_->take_trouble() : std::exchange(trouble_, std::nullopt);
  }
  // What is not written, and what comes later, is dropped.
  void give_up();
  // The lines that were.
  std::uint64_t dropped_lines() const { return dropped_lines_; }

 private:
  Output(Fd file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}
  Written write_file();
  Written failed(int error);
  void drop_partial_line(std::size_t written);

  Fd file_;  // empty: stdout
  std::string path_;
  std::string buffer_;
  std::string error_;
  std::unique_ptr<PipeWriter> writer_;  // null: what is written does not wait
  bool reader_gone_ = false;
  std::optional<Error> trouble_;
  bool given_up_ = false;
  std::uint64_t dropped_lines_ = 0;
};

}  // namespace aa
