// SPDX-License-Identifier: MIT OR Apache-2.0
#include "session/function_links.hpp"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

#include "base/format.hpp"

namespace aa {
namespace {

// Every module is free to use them; they are the license of the programs.
constexpr char kLicense[] = "Dual MIT/GPL";

Fd load_copy(const bpf_insn* code, std::size_t length, bpf_attach_type moment, unsigned function) {
  LIBBPF_OPTS(bpf_prog_load_opts, settings, .expected_attach_type = moment, .attach_btf_id = function);
  return Fd(bpf_prog_load(BPF_PROG_TYPE_TRACING, "call_copy", kLicense, code, length, &settings));
}

// In a child of which nobody will know: keeps these links and nothing else until `closed` is at its end, closes them,
// and ends.
[[noreturn]] void end_with(const std::vector<int>& links, int closed) {
  setsid();
  std::vector<int> kept = links;
  kept.push_back(closed);
  std::sort(kept.begin(), kept.end());
  unsigned next = 0;
  for (const int fd : kept) {
    if (static_cast<unsigned>(fd) > next) syscall(SYS_close_range, next, fd - 1, 0);
    next = static_cast<unsigned>(fd) + 1;
  }
  syscall(SYS_close_range, next, std::numeric_limits<unsigned>::max(), 0);
  char nothing;
  while (read(closed, &nothing, 1) < 0 && errno == EINTR) continue;
  for (const int link : links) close(link);
  _exit(0);
}

}  // namespace

FunctionLinks::~FunctionLinks() { let_go(); }

Status FunctionLinks::link(int program_fd, const std::string& function) {
  Fd link(bpf_raw_tracepoint_open(nullptr, program_fd));
  if (!link) return Error{fmt::format("cannot attach to the kernel's {}: {}", function, errno_text(errno))};
  links_.push_back(std::move(link));
  return Done{};
}

Status FunctionLinks::attach(const bpf_program* program, const std::string& function) {
  return link(bpf_program__fd(program), function);
}

Status FunctionLinks::attach_copies(const bpf_program* program, const std::vector<std::string>& functions,
                                    const KernelTypes& types) {
  const bpf_insn* code = bpf_program__insns(program);
  const std::size_t length = bpf_program__insn_cnt(program);
  for (const std::string& function : functions) {
    Fd copy = load_copy(code, length, bpf_program__expected_attach_type(program), types.function(function));
    if (!copy) return Error{fmt::format("cannot load a program for {}: {}", function, errno_text(errno))};
    if (Status status = link(copy.get(), function); !status) return status;
    copies_.push_back(std::move(copy));
  }
  return Done{};
}

std::vector<int> FunctionLinks::copies() const {
  std::vector<int> fds;
  for (const Fd& copy : copies_) fds.push_back(copy.get());
  return fds;
}

void FunctionLinks::let_go() {
  if (links_.empty()) return;
  std::vector<int> fds;
  for (const Fd& link : links_) fds.push_back(link.get());
  // who closes a link last waits: the child closes its copies when ours are gone, and the pipe with them
  int ends[2] = {-1, -1};
  const bool can_wait = pipe2(ends, O_CLOEXEC) == 0;
  Fd closed(ends[0]), ours(ends[1]);
  // twice: init, not we, will wait for the one that remains
  const pid_t pid = can_wait ? fork() : -1;
  if (pid == 0) {
    ours.reset();
    if (fork() == 0) end_with(fds, closed.get());
    _exit(0);
  }
  if (pid > 0) waitpid(pid, nullptr, 0);
  links_.clear();
}

}  // namespace aa
