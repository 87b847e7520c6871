// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/trampoline_support.hpp"

#include <bpf/bpf.h>

#include <iterator>

#include "base/fd.hpp"

namespace aa {
namespace {

// One that there is in every kernel that has trampolines (fs/open.c).
constexpr char kAnyFunction[] = "vfs_open";
// What attaches trampolines to functions (kernel/trace/ftrace.c, CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS).
constexpr char kRegistration[] = "register_ftrace_direct";

bool loads_for(unsigned function) {
  const bpf_insn nothing[] = {
      {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .src_reg = 0, .off = 0, .imm = 0},
      {.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0}};
  LIBBPF_OPTS(bpf_prog_load_opts, settings, .expected_attach_type = BPF_TRACE_FEXIT, .attach_btf_id = function);
  return bool(Fd(
      bpf_prog_load(BPF_PROG_TYPE_TRACING, "aa_trace_probe", "Dual MIT/GPL", nothing, std::size(nothing), &settings)));
}

}  // namespace

bool trampolines_may_hang(const KernelRelease& release, unsigned pid_level) {
  return pid_level && !is_at_least(release, 6, 10);
}

bool has_trampolines(const KernelTypes& types) {
  const unsigned function = types.function(kAnyFunction);
  // where the kernel cannot call a trampoline (arm64 before 6.4) it refuses only to attach
  return function && types.function(kRegistration) && loads_for(function);
}

}  // namespace aa
