// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/time_namespace.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include "base/format.hpp"

namespace aa {
namespace {

constexpr ino_t kInitialNamespace = 0xEFFFFFFA;  // PROC_TIME_INIT_INO, include/linux/proc_ns.h
constexpr std::int64_t kSecond = 1'000'000'000;

Error cannot_find(const std::string& why) { return {"cannot find aa-trace's own time namespace: " + why}; }

}  // namespace

std::optional<std::int64_t> boot_offset_in(std::string_view offsets) {
  std::istringstream lines{std::string(offsets)};
  std::string clock;
  for (std::int64_t seconds = 0, nanoseconds = 0; lines >> clock >> seconds >> nanoseconds;)
    if (clock == "boottime") return seconds * kSecond + nanoseconds;
  return std::nullopt;
}

// The file tells of the namespace that children will be in. Before 6.3 an exec after unshare(2) did not enter that.
Result<std::int64_t> find_boot_offset() {
  struct stat own, of_children;
  if (stat("/proc/self/ns/time", &own) != 0)
    return errno == ENOENT ? Result(std::int64_t{0}) : cannot_find(errno_text(errno));
  if (own.st_ino == kInitialNamespace) return std::int64_t{0};
  if (stat("/proc/self/ns/time_for_children", &of_children) != 0) return cannot_find(errno_text(errno));
  if (own.st_ino != of_children.st_ino)
    return cannot_find("its children are in another one (start it as a child of what made that: unshare --fork)");
  std::ifstream file("/proc/self/timens_offsets");
  const std::string offsets((std::istreambuf_iterator<char>(file)), {});
  const auto offset = boot_offset_in(offsets);
  return offset ? Result(*offset) : cannot_find("/proc/self/timens_offsets cannot be read");
}

}  // namespace aa
