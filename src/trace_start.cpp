// SPDX-License-Identifier: MIT OR Apache-2.0
#include "trace_start.hpp"

#include <sys/utsname.h>

#include <filesystem>
#include <fstream>

#include "events.h"
#include "kernel/release.hpp"

namespace aa {
namespace {

std::string host_name() {
  utsname names{};
  return uname(&names) == 0 ? names.nodename : "";
}

// random(4): made anew at each boot, the same in all containers.
std::string boot_id() {
  std::string id;
  std::getline(std::ifstream("/proc/sys/kernel/random/boot_id"), id);
  return id;
}

std::string working_directory() {
  std::error_code gone;
  return std::filesystem::current_path(gone).string();
}

}  // namespace

Argv bounded_command(const std::vector<std::string>& command, SecretMask* secrets) {
  Argv argv;
  if (command.empty()) return argv;
  argv.state = Text::State::kPresent;
  std::size_t taken = 0, total = 0;
  for (const std::string& argument : command) {
    total += argument.size() + 1;
    if (argv.truncated) continue;
    argv.truncated = argument.size() + 1 > AA_ARGV_MAX - taken;
    argv.arguments.push_back(std::string_view(argument).substr(0, AA_ARGV_MAX - taken));
    taken += argv.arguments.back().size() + 1;
  }
  argv.total_bytes = static_cast<std::uint32_t>(total);
  if (secrets) argv.redacted = secrets->mask(argv.arguments);
  return argv;
}

TraceStart trace_start(const Options& options, const Targets& targets, SecretMask* secrets) {
  return {.version = kVersion,
          .kernel = running_kernel().text,
          .host = host_name(),
          .boot_id = boot_id(),
          .cwd = working_directory(),
          .command = bounded_command(options.targets.command, secrets),
          .targets = targets.names,
          .events = names_of(AskedKinds{options.kinds & ~options.only_changes, options.only_changes})};
}

}  // namespace aa
