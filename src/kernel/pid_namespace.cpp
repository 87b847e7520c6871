// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/pid_namespace.hpp"

#include <bpf/bpf.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>

#include "base/format.hpp"
#include "kernel/libbpf_log.hpp"
#include "kernel/refusal.hpp"
#include "pid_namespace.h"
#include "pid_namespace.skel.h"

namespace aa {
namespace {

constexpr ino_t kInitialNamespace = 0xEFFFFFFC;  // PROC_PID_INIT_INO, include/linux/proc_ns.h

struct Destroy {
  void operator()(pid_namespace_bpf* skeleton) const { pid_namespace_bpf__destroy(skeleton); }
};

Error cannot_find(int error) {
  const std::string hint = refusal_hint(error);
  return {fmt::format("cannot find aa-trace's own pid namespace: {}{}", errno_text(error),
                      hint.empty() ? " (-v shows what the kernel says)" : "; " + hint)};
}

Status check_proc() {
  std::ifstream file("/proc/self/status");
  const std::string status((std::istreambuf_iterator<char>(file)), {});
  if (status.empty()) return Error{"/proc is not mounted (mount -t proc proc /proc)"};
  if (is_own_proc(status)) return Done{};
  return Error{
      "/proc is of another pid namespace than aa-trace: run it in that one, or mount this one's (mount -t proc proc "
      "/proc)"};
}

Result<PidNamespace> ask_kernel() {
  const std::unique_ptr<pid_namespace_bpf, Destroy> skeleton(pid_namespace_bpf__open_and_load());
  if (!skeleton) return cannot_find(errno);
  bpf_test_run_opts options{};
  options.sz = sizeof options;
  if (const int error = bpf_prog_test_run_opts(bpf_program__fd(skeleton->progs.find_pid_namespace), &options))
    return cannot_find(-error);
  const aa_pid_namespace& own = skeleton->bss->own;
  if (!own.address || !own.level) return cannot_find(EFAULT);
  return PidNamespace{.level = own.level, .address = own.address, .group = own.group};
}

}  // namespace

bool is_own_proc(std::string_view status) {
  std::istringstream lines{std::string(status)};
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("NSpid:")) continue;
    std::istringstream numbers(line.substr(sizeof "NSpid:" - 1));
    return std::distance(std::istream_iterator<int>(numbers), {}) == 1;
  }
  return true;
}

Result<PidNamespace> find_pid_namespace(const KernelTypes& types, Log& log) {
  if (Status status = check_proc(); !status) return status.error();
  struct stat info;
  const bool has_namespaces = stat("/proc/self/ns/pid", &info) == 0;
  if (!has_namespaces && errno != ENOENT) return cannot_find(errno);
  if (!has_namespaces || info.st_ino == kInitialNamespace)
    return PidNamespace{.group = static_cast<std::uint32_t>(getpgrp())};
  send_libbpf_messages_to(log);
  Result<PidNamespace> found = PidNamespace{};
  const Status visible = types.visible_to([&found] { found = ask_kernel(); });
  return visible ? found : visible.error();
}

}  // namespace aa
