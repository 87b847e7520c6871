// SPDX-License-Identifier: MIT OR Apache-2.0
#include "targets/targets.hpp"

#include <algorithm>
#include <fstream>
#include <string_view>

#include "base/format.hpp"
#include "base/numbers.hpp"

namespace aa {
std::uint32_t process_of(std::uint32_t id) {
  std::ifstream status(fmt::format("/proc/{}/status", id));
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("Tgid:"))
      return number_in(std::string_view(line).substr(line.find_first_of("0123456789"))).value_or(0);
  return 0;
}

Result<Targets> Targets::find(const NamedTargets& named) {
  Targets targets{.all = named.all, .children = named.children, .wait = named.wait};
  for (const std::uint32_t id : named.pids) {
    const std::uint32_t process = process_of(id), pid = process ? process : id;
    if (std::find(targets.pids.begin(), targets.pids.end(), pid) != targets.pids.end()) continue;
    targets.pids.push_back(pid);
    if (!process) targets.missing.push_back(pid);
    targets.names.push_back(fmt::format("pid {}", pid));
  }
  targets.await_pids = named.wait && !targets.pids.empty();
  for (const std::string& name : named.ttys) {
    const auto tty = resolve_tty(name);
    if (!tty) return tty.error();
    targets.ttys.push_back(*tty);
    targets.names.push_back("tty " + tty->name);
  }
  if (named.all) targets.names.push_back("all");
  if (!named.command.empty()) targets.names.push_back("command " + named.command.front());
  return targets;
}

bool Targets::have_own_tty() const {
  const std::uint32_t own = own_tty();
  return own && std::any_of(ttys.begin(), ttys.end(), [own](const Tty& tty) { return tty.device == own; });
}

}  // namespace aa
