// SPDX-License-Identifier: MIT OR Apache-2.0
#include "outside_root.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>

#include "format.hpp"

namespace aa {
namespace {

constexpr std::string_view kHarmless[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/tty", "/dev/ptmx"};
constexpr std::string_view kTerminals = "/dev/pts";
constexpr std::string_view kOwnProc[] = {"/proc/self", "/proc/thread-self"};

bool is_below(std::string_view path, std::string_view directory) {
  if (directory == "/") return true;
  return path.starts_with(directory) && (path.size() == directory.size() || path[directory.size()] == '/');
}

bool opens_for_change(const Event& event) {
  if (event.flags & O_PATH) return false;
  return (event.flags & O_ACCMODE) != O_RDONLY || event.flags & O_TRUNC || event.created || event.flags_truncated;
}

// What nothing tells the result of may have succeeded: io_uring can be told to keep quiet about just that.
bool changes(const Event& event) {
  if (event.error) return false;
  if (event.kind == AA_OPEN) return opens_for_change(event);
  if (event.kind == AA_IO) return event.totals.writes;
  return event.kind == AA_WRITE || (event.kind >= AA_MMAP && event.kind <= AA_XATTR);
}

}  // namespace

Result<OutsideRoot> OutsideRoot::of(const std::vector<std::string>& directories) {
  OutsideRoot outside;
  for (const std::string& directory : directories) {
    char path[PATH_MAX];
    struct stat status {};
    if (!realpath(directory.c_str(), path) || stat(path, &status) != 0)
      return Error{fmt::format("--root {}: {}", directory, errno_text(errno))};
    if (!S_ISDIR(status.st_mode)) return Error{fmt::format("--root {}: {}", directory, errno_text(ENOTDIR))};
    outside.directories_.emplace_back(path);
    outside.text_.append(outside.text_.empty() ? "" : ",").append(directory);
  }
  return outside;
}

bool OutsideRoot::is_inside(const Text& path, const Event& event) const {
  const std::string_view bytes = path.bytes;
  const auto below = [bytes](std::string_view directory) { return is_below(bytes, directory); };
  if (!path.present() || !bytes.starts_with('/')) return true;
  return std::any_of(directories_.begin(), directories_.end(), below) ||
         std::find(std::begin(kHarmless), std::end(kHarmless), bytes) != std::end(kHarmless) || below(kTerminals) ||
         std::any_of(std::begin(kOwnProc), std::end(kOwnProc), below) || below(fmt::format("/proc/{}", event.pid));
}

bool OutsideRoot::is_left_by(const Event& event) const {
  if (directories_.empty() || !changes(event)) return false;
  return !is_inside(event.path, event) || !is_inside(event.new_path, event);
}

}  // namespace aa
