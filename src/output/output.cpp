// SPDX-License-Identifier: MIT OR Apache-2.0
#include "output/output.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/format.hpp"

namespace aa {

namespace {

// O_APPEND: who empties the file meanwhile, as logrotate's copytruncate does, gets no hole at its beginning.
Fd open_file(const std::string& path, int more_flags = 0) {
  return Fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | more_flags, 0600));
}

bool is_regular(int fd) {
  struct stat info {};
  return ::fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
}

// Has who wrote to the file before been stopped in the middle of a line?
bool is_within_line(const std::string& path, off_t size) {
  char last = '\n';
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  return size > 0 && file && ::pread(file.get(), &last, 1, size - 1) == 1 && last != '\n';
}

}  // namespace

Result<Output> Output::open(const std::string& path, const std::function<bool()>& gives_up) {
  if (path == "-") {
    const int flags = ::fcntl(1, F_GETFL);
    if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY)
      return Error{fmt::format("cannot write to stdout: {}", errno_text(EBADF))};
    return Output(Fd(), "stdout");
  }
  Fd file;
  if (gives_up()) return Error{fmt::format("cannot write to {}: {}", path, errno_text(EINTR))};
  do file = open_file(path);
  while (!file && errno == EINTR && !gives_up());
  if (!file) return Error{fmt::format("cannot write to {}: {}", path, errno_text(errno))};
  return Output(std::move(file), path);
}

Status Output::begin(const Spool::Limits& limits, bool append) {
  struct stat info {};
  const bool known = ::fstat(borrowed_fd(), &info) == 0;
  if (known && (S_ISFIFO(info.st_mode) || S_ISSOCK(info.st_mode) || is_terminal())) {
    auto writer = PipeWriter::start(borrowed_fd(), limits);
    // without it the reader is waited for
    if (writer) writer_ = std::move(*writer);
    else trouble_ = writer.error();
    return Done{};
  }
  // as O_TRUNC of open(2): nothing else can be emptied
  if (!file_ || (known && !S_ISREG(info.st_mode))) return Done{};
  if (append) {
    if (is_within_line(path_, info.st_size)) buffer_ += '\n';
    return Done{};
  }
  if (::ftruncate(file_.get(), 0) == 0) return Done{};
  return Error{fmt::format("cannot empty {}: {}", path_, errno_text(errno))};
}

Status Output::reopen() {
  if (!file_ || !is_regular(file_.get())) return Done{};
  // a named pipe would have us wait for its reader; to a file it makes no difference
  Fd file = open_file(path_, O_NONBLOCK);
  if (!file || !is_regular(file.get()))
    return Error{fmt::format("cannot write to {}: {}; the file from before is written on", path_,
                             file ? "not a regular file" : errno_text(errno))};
  file_ = std::move(file);
  return Done{};
}

bool Output::is_terminal() const { return ::isatty(borrowed_fd()); }

// After an error in the middle of a line: each event is written in full or not at all. Of a file that others write to
// as well, only what is still its end.
void Output::drop_partial_line(std::size_t written) {
  const std::size_t line_end = buffer_.rfind('\n', written - 1);
  const std::size_t whole = line_end == std::string::npos ? 0 : line_end + 1;
  if (whole == written) return;
  const int fd = borrowed_fd();
  struct stat file {};
  const off_t end = ::lseek(fd, 0, SEEK_CUR), line = end - static_cast<off_t>(written - whole);
  const bool is_end = end >= 0 && ::fstat(fd, &file) == 0 && S_ISREG(file.st_mode) && file.st_size == end;
  if (!is_end || ::ftruncate(fd, line) != 0 || ::lseek(fd, line, SEEK_SET) != line)
    error_ += " (its last line is not whole)";
}

Output::Written Output::failed(int error) {
  error_ = fmt::format("cannot write to {}: {}", path_, errno_text(error));
  reader_gone_ = error == EPIPE;
  return reader_gone_ ? Written::kReaderGone : Written::kFailed;
}

Output::Written Output::flush() {
  if (given_up_) {
    dropped_lines_ += static_cast<std::uint64_t>(std::count(buffer_.begin(), buffer_.end(), '\n'));
    buffer_.clear();
    return Written::kAll;
  }
  if (!writer_) return write_file();
  writer_->put(buffer_);
  return writer_->error() ? failed(writer_->error()) : Written::kAll;
}

Output::Written Output::write_file() {
  std::size_t written = 0;
  while (written < buffer_.size()) {
    const ssize_t n = ::write(borrowed_fd(), buffer_.data() + written, buffer_.size() - written);
    if (n >= 0) {
      written += static_cast<std::size_t>(n);
    } else if (errno == EAGAIN) {
      // the descriptor was made non-blocking by someone who shares it
      pollfd writable{borrowed_fd(), POLLOUT, 0};
      ::poll(&writable, 1, -1);
    } else if (errno != EINTR) {
      const Written outcome = failed(errno);
      if (outcome == Written::kFailed && written > 0) drop_partial_line(written);
      buffer_.clear();
      return outcome;
    }
  }
  buffer_.clear();
  return Written::kAll;
}

void Output::give_up() {
  given_up_ = true;
  if (writer_) dropped_lines_ += writer_->give_up();
}

}  // namespace aa
