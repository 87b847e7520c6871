// SPDX-License-Identifier: MIT OR Apache-2.0
#include "targets/tty.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>

#include "base/format.hpp"
#include "base/numbers.hpp"

namespace aa {
namespace {

constexpr unsigned kPtsMajor = 136;  // UNIX98_PTY_SLAVE_MAJOR, include/uapi/linux/major.h

std::uint32_t kernel_device(unsigned major, unsigned minor) { return major << 20 | minor; }

// The device number that proc(5) shows as tty_nr: minor in bits 31 to 20 and 7 to 0, major in 15 to 8.
std::uint32_t device_of_tty_nr(std::uint32_t number) {
  return kernel_device(number >> 8 & 0xFFF, (number >> 12 & 0xFFF00) | (number & 0xFF));
}

// Is this major number one of a terminal driver? /proc/tty/drivers: name, node, major, minors, type.
bool is_tty_major(unsigned major) {
  std::ifstream drivers("/proc/tty/drivers");
  for (std::string line; std::getline(drivers, line);) {
    std::istringstream fields(line);
    std::string name, node;
    unsigned number = 0;
    if (fields >> name >> node >> number && number == major) return true;
  }
  return false;
}

// Field 7 of /proc/PID/stat. The comm before it is in parentheses and may hold anything.
std::uint32_t tty_of(const std::string& stat_path) {
  std::ifstream file(stat_path);
  std::string stat((std::istreambuf_iterator<char>(file)), {});
  const std::size_t comm_end = stat.rfind(')');
  if (comm_end == std::string::npos) return 0;
  std::istringstream fields(stat.substr(comm_end + 1));
  std::string state;
  long ppid = 0, group = 0, session = 0, tty = 0;
  fields >> state >> ppid >> group >> session >> tty;
  return fields ? device_of_tty_nr(static_cast<std::uint32_t>(tty)) : 0;
}

}  // namespace

Result<Tty> resolve_tty(std::string_view name) {
  std::string node(name);
  if (node.starts_with("/dev/")) node.erase(0, 5);
  if (node.starts_with("pts") && number_in(std::string_view(node).substr(3))) node.insert(3, "/");
  if (node.starts_with("pts/"))
    if (const auto index = number_in(std::string_view(node).substr(4)))
      return Tty{fmt::format("pts/{}", *index), kernel_device(kPtsMajor, *index)};
  struct stat info;
  const Error not_a_tty{fmt::format("'{}' is not a terminal", name), ExitCode::kUsage};
  if (node.empty() || ::stat(("/dev/" + node).c_str(), &info) != 0 || !S_ISCHR(info.st_mode)) return not_a_tty;
  if (node == "tty") {
    if (const std::uint32_t own = own_tty()) return Tty{node, own};
    return Error{"aa-trace has no terminal of its own: name one, as in --tty pts/9", ExitCode::kUsage};
  }
  if (!is_tty_major(major(info.st_rdev)) || major(info.st_rdev) == 5) return not_a_tty;
  return Tty{node, kernel_device(major(info.st_rdev), minor(info.st_rdev))};
}

std::uint32_t own_tty() { return tty_of("/proc/self/stat"); }

bool tty_in_use(std::uint32_t device) {
  std::error_code error;
  for (std::filesystem::directory_iterator entry("/proc", error), end; entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename();
    if (number_in(name) && tty_of(entry->path() / "stat") == device) return true;
  }
  return false;
}

}  // namespace aa
