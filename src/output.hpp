// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Where the lines go: stdout or a file. Lines are collected and written together.
#pragma once

#include <functional>
#include <string>

#include "handles.hpp"
#include "result.hpp"

namespace aa {

class Output {
 public:
  // "-": stdout, which is borrowed. A file is created if it is not there. A named pipe waits for its reader, until a
  // signal comes after which `gives_up` says so.
  static Result<Output> open(
      const std::string& path, const std::function<bool()>& gives_up = [] { return false; });

  // Before the first flush(): empties a file. Not before everything else is ready: what was in it may be all there is.
  Status empty();

  // Append whole lines here.
  std::string& buffer() { return buffer_; }
  bool is_full() const { return buffer_.size() >= kFlushBytes; }
  // The descriptor that is written to; still owned here.
  int borrowed_fd() const { return file_ ? file_.get() : 1; }
  bool is_terminal() const;

  enum class Written { kAll, kReaderGone, kFailed };
  // Writes all that was collected; waits for a slow reader. kFailed: see error(). A file then ends with a whole line,
  // or the error says that it does not.
  Written flush();
  const std::string& error() const { return error_; }

 private:
  static constexpr std::size_t kFlushBytes = 1 << 18;

  Output(Fd file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}
  void drop_partial_line(std::size_t written);

  Fd file_;  // empty: stdout
  std::string path_;
  std::string buffer_;
  std::string error_;
};

}  // namespace aa
