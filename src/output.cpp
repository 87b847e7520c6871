// SPDX-License-Identifier: MIT OR Apache-2.0
#include "output.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "format.hpp"

namespace aa {

Result<Output> Output::open(const std::string& path, const std::function<bool()>& gives_up) {
  if (path == "-") {
    const int flags = ::fcntl(1, F_GETFL);
    if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY)
      return Error{fmt::format("cannot write to stdout: {}", errno_text(EBADF))};
    return Output(Fd(), "stdout");
  }
  Fd file;
  if (gives_up()) return Error{fmt::format("cannot write to {}: {}", path, errno_text(EINTR))};
  do file.reset(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0644));
  while (!file && errno == EINTR && !gives_up());
  if (!file) return Error{fmt::format("cannot write to {}: {}", path, errno_text(errno))};
  return Output(std::move(file), path);
}

Status Output::empty() {
  struct stat info;
  // as O_TRUNC of open(2): nothing else can be emptied
  if (!file_ || (::fstat(file_.get(), &info) == 0 && !S_ISREG(info.st_mode))) return Done{};
  if (::ftruncate(file_.get(), 0) == 0) return Done{};
  return Error{fmt::format("cannot empty {}: {}", path_, errno_text(errno))};
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

Output::Written Output::flush() {
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
      const int error = errno;
      error_ = fmt::format("cannot write to {}: {}", path_, errno_text(error));
      if (error != EPIPE && written > 0) drop_partial_line(written);
      buffer_.clear();
      return error == EPIPE ? Written::kReaderGone : Written::kFailed;
    }
  }
  buffer_.clear();
  return Written::kAll;
}

}  // namespace aa
