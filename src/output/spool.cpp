// SPDX-License-Identifier: MIT OR Apache-2.0
#include "output/spool.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include "base/format.hpp"

namespace aa {
namespace {

constexpr std::size_t kPieceMemory = Spool::kPiece + (Spool::kPiece >> 3);  // with the line that made it full

// For this process alone. Not every file system knows O_TMPFILE (open(2)).
Fd make_unnamed(const std::string& directory) {
  Fd file(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600));
  if (file || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)) return file;
  std::string name = directory + "/aa-trace-XXXXXX";
  file.reset(::mkostemp(name.data(), O_CLOEXEC));
  if (file) ::unlink(name.c_str());
  return file;
}

std::string temporary_directory() {
  const char* directory = std::getenv("TMPDIR");
  return directory && *directory ? directory : "/tmp";
}

std::uint64_t lines_in(const std::string& text) {
  return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

Spool::Spool(Limits limits) : limits_(std::move(limits)) {
  limits_.memory = std::min(limits_.memory, limits_.bytes);
  if (limits_.directory.empty()) limits_.directory = temporary_directory();
  ring_ = limits_.bytes - limits_.memory;
  limits_.memory = std::max<std::uint64_t>(limits_.memory, kPiece);
}

void Spool::put(std::string& lines) {
  if (lines.empty()) return;
  const std::unique_lock lock(mutex_);
  bytes_ += lines.size();
  if (!is_in_file() && rest_.empty()) {
    reset_file();
    // without a file it is who puts in that must ask for room
    if (memory_ < limits_.memory || !ring_ || !open_file()) put_behind(front_, lines);
  }
  move_rest();
  if (rest_.empty()) lines.erase(0, write_file(lines));
  put_behind(rest_, lines);
  lines.reserve(kPieceMemory);
  if (waits_) filled_.notify_one();
}

// Few bytes are put to those before: each piece has the memory of a full one.
void Spool::put_behind(std::deque<std::string>& pieces, std::string& lines) {
  if (lines.empty()) return;
  std::size_t before = 0;
  if (!pieces.empty() && pieces.back().size() + lines.size() <= kPiece) {
    before = pieces.back().capacity();
    pieces.back() += lines;
  } else {
    pieces.push_back(std::move(lines));
    lines = std::exchange(spare_, std::string());
  }
  if (&pieces == &front_) memory_ += pieces.back().capacity() - before;
  lines.clear();
}

bool Spool::has_room() {
  const std::unique_lock lock(mutex_);
  move_rest();
  if (!rest_.empty()) return false;
  if (is_in_file()) return tail_ - head_ < ring_;
  return memory_ < limits_.memory || (ring_ && open_file());
}

void Spool::move_rest() {
  while (!rest_.empty()) {
    rest_.front().erase(0, write_file(rest_.front()));
    if (!rest_.front().empty()) return;
    rest_.pop_front();
  }
}

bool Spool::open_file() {
  if (file_) return true;
  file_ = make_unnamed(limits_.directory);
  if (file_) return true;
  trouble_ = Error{fmt::format("cannot keep output in {}: {}", limits_.directory, errno_text(errno))};
  ring_ = 0;
  return false;
}

// As many whole lines as there is room for. A full disk makes the ring smaller, until it is empty. Only the disk is
// waited for here and in read_file(), and it seldom: what is written last is in the kernel's memory.
std::size_t Spool::write_file(const std::string& lines) {
  std::size_t written = 0;
  while (written < lines.size() && tail_ - head_ < ring_) {
    const std::uint64_t place = tail_ % ring_;
    const std::uint64_t room = std::min(ring_ - (tail_ - head_), ring_ - place);
    const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(room, lines.size() - written));
    const ssize_t n = ::pwrite(file_.get(), lines.data() + written, part, static_cast<off_t>(place));
    if (n > 0) {
      written += static_cast<std::size_t>(n);
      tail_ += static_cast<std::uint64_t>(n);
    } else if (n == 0 || errno != EINTR) {
      trouble_ = Error{fmt::format("cannot keep more output in {}: {}", limits_.directory, errno_text(errno))};
      if (tail_ < ring_) ring_ = tail_;  // it has not gone round yet
      break;
    }
  }
  const std::size_t last = written ? lines.rfind('\n', written - 1) : std::string::npos;
  const std::size_t whole = last == std::string::npos ? 0 : last + 1;
  tail_ -= written - whole;
  return whole;
}

void Spool::reset_file() {
  if (!tail_) return;
  head_ = tail_ = 0;
  ring_ = limits_.bytes - std::min(limits_.bytes, limits_.memory);
  // if this fails the disk has it back at the end
  [[maybe_unused]] const int truncated = ::ftruncate(file_.get(), 0);
}

std::optional<Error> Spool::take_trouble() {
  const std::unique_lock lock(mutex_);
  if (!trouble_ || std::exchange(told_, true)) return std::nullopt;
  return trouble_;
}

void Spool::stop() {
  const std::unique_lock lock(mutex_);
  stopped_ = true;
  filled_.notify_one();
}

void Spool::done(std::string piece) {
  const std::unique_lock lock(mutex_);
  bytes_ -= std::exchange(taken_, 0);
  piece.clear();
  if (spare_.capacity() < piece.capacity()) spare_ = std::move(piece);
}

std::optional<std::string> Spool::take() {
  std::unique_lock lock(mutex_);
  waits_ = true;
  filled_.wait(lock, [this] { return stopped_ || bytes_; });
  waits_ = false;
  if (stopped_) return std::nullopt;
  auto piece = next();
  if (piece) taken_ = piece->size();
  return piece;
}

std::optional<std::string> Spool::next() {
  if (front_.empty() && is_in_file()) return read_lines();
  auto& pieces = front_.empty() ? rest_ : front_;
  std::string piece = std::move(pieces.front());
  pieces.pop_front();
  if (&pieces == &front_) memory_ -= piece.capacity();
  return piece;
}

// A piece, or as much more as one line needs.
std::optional<std::string> Spool::read_lines() {
  std::string piece;
  for (std::uint64_t size = kPiece;; size *= 2) {
    piece.resize(static_cast<std::size_t>(std::min(size, tail_ - head_)));
    if (!read_file(piece)) {
      broken_ = true;
      return std::nullopt;
    }
    if (const std::size_t last = piece.rfind('\n'); last != std::string::npos) {
      piece.resize(last + 1);
      head_ += piece.size();
      return piece;
    }
  }
}

bool Spool::read_file(std::string& to) const {
  std::size_t got = 0;
  while (got < to.size()) {
    const std::uint64_t place = (head_ + got) % ring_;
    const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(ring_ - place, to.size() - got));
    const ssize_t n = ::pread(file_.get(), to.data() + got, part, static_cast<off_t>(place));
    if (n > 0) got += static_cast<std::size_t>(n);
    else if (n == 0 || errno != EINTR) return false;
  }
  return true;
}

bool Spool::broken() const {
  const std::unique_lock lock(mutex_);
  return broken_;
}

std::uint64_t Spool::bytes() const {
  const std::unique_lock lock(mutex_);
  return bytes_;
}

std::uint64_t Spool::count_lines() {
  const std::unique_lock lock(mutex_);
  std::uint64_t lines = 0;
  while (!front_.empty() || is_in_file() || !rest_.empty()) {
    const auto piece = next();
    if (!piece) break;
    lines += lines_in(*piece);
  }
  return lines;
}

}  // namespace aa
