// SPDX-License-Identifier: MIT OR Apache-2.0
#include "output/pipe_writer.hpp"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

#include "base/thread.hpp"

namespace aa {
namespace {

constexpr long kPokeEveryNs = 5'000'000;

// Ends a write that waits. The C library leaves the real-time signals from SIGRTMIN on to the program (signal(7)).
int poke() { return SIGRTMIN; }

void prepare_poke() {
  struct sigaction action {};
  action.sa_handler = [](int) {};  // and no SA_RESTART
  sigaction(poke(), &action, nullptr);
}

void let_poke_in() {
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, poke());
  pthread_sigmask(SIG_UNBLOCK, &mask, nullptr);
}

bool is_pipe(int fd) {
  struct stat info {};
  return ::fstat(fd, &info) == 0 && S_ISFIFO(info.st_mode);
}

}  // namespace

PipeWriter::PipeWriter(int fd, Spool::Limits limits)
    : fd_(fd), is_pipe_(is_pipe(fd)), spool_(std::move(limits)), progress_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Result<std::unique_ptr<PipeWriter>> PipeWriter::start(int fd, Spool::Limits limits) {
  prepare_poke();
  std::unique_ptr<PipeWriter> writer(new PipeWriter(fd, std::move(limits)));
  auto thread = start_thread([&writer = *writer] { writer.run(); });
  if (!thread) return thread.error();
  writer->thread_ = std::move(*thread);
  return writer;
}

PipeWriter::~PipeWriter() { give_up(); }

void PipeWriter::run() {
  let_poke_in();
  while (auto piece = spool_.take()) {
    if (!write_lines(*piece)) break;
    spool_.done(std::move(*piece));
    if (progress_wanted_.exchange(false)) eventfd_write(progress_.get(), 1);
  }
  if (spool_.broken()) fail(EIO);
  ended_ = true;
}

// A pipe takes at most PIPE_BUF bytes whole or not at all (pipe(7)): where it is nearly full that many lines are
// written at once, so that a reader that stops has no part of a line. How full it is, is asked of the pipe. A buffer of
// it holds a page or less, but two that follow each other more than one: what would not fit was put to those before.
std::size_t PipeWriter::size_of_write(const std::string& lines, std::size_t from) const {
  std::size_t size = lines.size() - from;
  if (is_pipe_) {
    int used = 0;
    const int capacity = ::fcntl(fd_, F_GETPIPE_SZ);
    if (capacity < 0 || ::ioctl(fd_, FIONREAD, &used) != 0) used = capacity;
    size = std::min(size, static_cast<std::size_t>(std::max(capacity - 2 * used - 2 * PIPE_BUF, PIPE_BUF)));
  } else {
    size = std::min<std::size_t>(size, PIPE_BUF);
  }
  const std::size_t last = lines.rfind('\n', from + size - 1);
  if (last != std::string::npos && last >= from) return last + 1 - from;
  return lines.find('\n', from) + 1 - from;  // one line is longer
}

bool PipeWriter::write_lines(const std::string& lines) {
  std::size_t written = 0;
  int error = 0;
  while (written < lines.size() && !stopped_ && !error) {
    const std::size_t until = written + size_of_write(lines, written);
    while (written < until && !stopped_ && !error) {
      const ssize_t n = ::write(fd_, lines.data() + written, until - written);
      if (n >= 0) written += static_cast<std::size_t>(n);
      else if (errno == EAGAIN) error = wait_until_writable();
      else if (errno != EINTR) error = errno;
    }
  }
  lines_left_ =
      static_cast<std::uint64_t>(std::count(lines.begin() + static_cast<std::ptrdiff_t>(written), lines.end(), '\n'));
  if (error) fail(error);
  return written == lines.size();
}

// The descriptor was made non-blocking by someone who shares it. The errno value, or 0.
int PipeWriter::wait_until_writable() const {
  pollfd writable{fd_, POLLOUT, 0};
  return ::poll(&writable, 1, -1) >= 0 || errno == EINTR ? 0 : errno;
}

void PipeWriter::fail(int error) {
  error_ = error;
  eventfd_write(progress_.get(), 1);
}

// A poke may come before the write that it is to end, and so there is another one.
std::uint64_t PipeWriter::give_up() {
  if (thread_.joinable()) {
    stopped_ = true;
    spool_.stop();
    while (!ended_) {
      pthread_kill(thread_.native_handle(), poke());
      const timespec nap{0, kPokeEveryNs};
      nanosleep(&nap, nullptr);
    }
    thread_.join();
  }
  return std::exchange(lines_left_, 0) + spool_.count_lines();
}

}  // namespace aa
