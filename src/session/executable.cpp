// SPDX-License-Identifier: MIT OR Apache-2.0
#include "session/executable.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string_view>
#include <system_error>

#include "base/format.hpp"
#include "events.h"

namespace aa {
namespace {

// Where a magic link of /proc leads. What has no name any more has " (deleted)" behind it there, which may also be the
// end of a true name.
ProgramFile link_target(const std::string& link) {
  constexpr std::string_view kDeleted = " (deleted)", kMemory = "/memfd:";
  char path[AA_PATH_MAX];
  const ssize_t length = readlink(link.c_str(), path, sizeof path);
  if (length <= 0) return {};
  ProgramFile program{std::string(path, static_cast<std::size_t>(length))};
  struct stat named {
  }, linked{};
  if (!program.path.ends_with(kDeleted) || stat(link.c_str(), &linked) != 0) return program;
  if (stat(program.path.c_str(), &named) == 0 && named.st_dev == linked.st_dev && named.st_ino == linked.st_ino)
    return program;
  program.path.resize(program.path.size() - kDeleted.size());
  if (program.path.starts_with(kMemory)) return {program.path.substr(1)};
  program.deleted = true;
  return program;
}

}  // namespace

ProgramFile executable_of(std::uint32_t pid) {
  const std::string process = fmt::format("/proc/{}", pid);
  ProgramFile program = link_target(process + "/exe");
  std::error_code error;
  for (std::filesystem::directory_iterator thread(process + "/task", error), end; program.path.empty() && thread != end;
       thread.increment(error))
    program = link_target(thread->path() / "exe");
  return program;
}

}  // namespace aa
