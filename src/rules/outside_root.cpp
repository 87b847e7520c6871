// SPDX-License-Identifier: MIT OR Apache-2.0
#include "rules/outside_root.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <optional>

#include "base/format.hpp"
#include "event/change.hpp"

namespace aa {
namespace {

constexpr std::string_view kHarmless[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/tty", "/dev/ptmx"};
constexpr std::string_view kTerminals = "/dev/pts";
constexpr std::string_view kProc = "/proc";
constexpr std::string_view kOwnProc[] = {"/proc/self", "/proc/thread-self"};
// Directories of such links, and links, proc(5).
constexpr std::string_view kProcLinks[] = {"root", "cwd", "exe", "fd", "map_files", "ns"};

bool is_below(std::string_view path, std::string_view directory) {
  if (directory == "/") return true;
  return path.starts_with(directory) && (path.size() == directory.size() || path[directory.size()] == '/');
}

// Is one of its components ".."?
bool leads_up(std::string_view name) {
  while (!name.empty()) {
    const std::string_view part = name.substr(0, name.find('/'));
    if (part == "..") return true;
    name.remove_prefix(std::min(part.size() + 1, name.size()));
  }
  return false;
}

// The process's own directory in /proc and its threads', "" or "/..." behind it; nullopt: the path is elsewhere.
std::optional<std::string_view> below_own_proc(std::string_view path, std::uint32_t pid) {
  const std::string by_pid = fmt::format("/proc/{}", pid);
  for (const std::string_view directory : {kOwnProc[0], kOwnProc[1], std::string_view(by_pid)})
    if (is_below(path, directory)) return path.substr(directory.size());
  return std::nullopt;
}

// "/root/x", "/fd/3", "/task/7/cwd": links that lead to any place.
bool leads_elsewhere(std::string_view rest) {
  const auto next = [&rest] {
    rest.remove_prefix(std::min<std::size_t>(1, rest.size()));
    const std::string_view part = rest.substr(0, rest.find('/'));
    rest.remove_prefix(part.size());
    return part;
  };
  std::string_view part = next();
  if (part == "task") {
    next();
    part = next();
  }
  return std::find(std::begin(kProcLinks), std::end(kProcLinks), part) != std::end(kProcLinks);
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

bool OutsideRoot::is_inside(const Text& path, const Text& name, const Event& event) const {
  const std::string_view bytes = path.bytes;
  const auto below = [bytes](std::string_view directory) { return is_below(bytes, directory); };
  // what could not be read is changes_unreadable()
  if (!path.present() || !bytes.starts_with('/')) return true;
  // folded away is what may have been one of those links
  if (event.file.lexical && leads_up(name.bytes) && (below(kProc) || is_below(name.bytes, kProc))) return false;
  if (std::any_of(directories_.begin(), directories_.end(), below)) return true;
  if (const auto rest = below_own_proc(bytes, event.pid)) return !leads_elsewhere(*rest);
  return std::find(std::begin(kHarmless), std::end(kHarmless), bytes) != std::end(kHarmless) || below(kTerminals);
}

bool OutsideRoot::is_left_by(const Event& event) const {
  if (directories_.empty() || !may_change(event)) return false;
  return !is_inside(event.file.path, event.file.name, event) ||
         !is_inside(event.file.new_path, event.file.new_name, event);
}

}  // namespace aa
