// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/privileges.hpp"

#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <utility>

#include "base/format.hpp"

namespace aa {
namespace {

using Capabilities = std::unique_ptr<std::remove_pointer_t<cap_t>, decltype(&cap_free)>;

bool has(cap_t capabilities, cap_value_t value, cap_flag_t set = CAP_EFFECTIVE) {
  cap_flag_value_t flag = CAP_CLEAR;
  return cap_get_flag(capabilities, value, set, &flag) == 0 && flag == CAP_SET;
}

constexpr int kBefore = 10;  // nice values: nine times the share of one that has none

}  // namespace

Status close_to_others() {
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
    return Error{fmt::format("cannot close aa-trace to other processes: {}", errno_text(errno))};
  return Done{};
}

Status check_privileges() {
  const Capabilities own(cap_get_proc(), cap_free);
  if (!own) return Error{fmt::format("cannot read the capabilities: {}", errno_text(errno))};
  if (has(own.get(), CAP_SYS_ADMIN)) return Done{};
  const bool bpf = has(own.get(), CAP_BPF), perfmon = has(own.get(), CAP_PERFMON);
  if (bpf && perfmon) return Done{};
  const char* needs = geteuid() == 0 ? "needs the capabilities CAP_BPF and CAP_PERFMON, which root does not have here "
                                       "(in a container: docker run --cap-add BPF --cap-add PERFMON)"
                                     : "needs root (try sudo), or the capabilities CAP_BPF and CAP_PERFMON";
  return Error{fmt::format("{}{}", needs, bpf ? ": CAP_PERFMON is missing" : perfmon ? ": CAP_BPF is missing" : "")};
}

Status drop_privileges(KeptPrivileges keep) {
  const Capabilities own(cap_get_proc(), cap_free);
  const Capabilities kept(cap_init(), cap_free);
  if (!own || !kept) return Error{fmt::format("cannot read the capabilities: {}", errno_text(errno))};
  const bool has_bpf = has(own.get(), CAP_BPF, CAP_PERMITTED);
  // who was started with CAP_SYS_ADMIN alone has nothing less to look into maps with
  const std::pair<cap_value_t, bool> wanted[] = {{CAP_KILL, keep.kill},
                                                 {CAP_BPF, keep.bpf},
                                                 {CAP_SYS_ADMIN, keep.bpf && !has_bpf},
                                                 {CAP_DAC_READ_SEARCH, keep.read}};
  for (const auto& [value, is_wanted] : wanted) {
    if (!is_wanted || !has(own.get(), value, CAP_PERMITTED)) continue;
    cap_set_flag(kept.get(), CAP_PERMITTED, 1, &value, CAP_SET);
    cap_set_flag(kept.get(), CAP_EFFECTIVE, 1, &value, CAP_SET);
  }
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || cap_set_proc(kept.get()) != 0)
    return Error{fmt::format("cannot give up the capabilities: {}", errno_text(errno))};
  return Done{};
}

void go_before_others() { setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) - kBefore); }

}  // namespace aa
