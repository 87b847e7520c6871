// SPDX-License-Identifier: MIT OR Apache-2.0
#include "plan/selection.hpp"

#include <algorithm>

#include "plan/syscalls.hpp"

namespace aa {

bool is_asked(const Selection& selection, aa_kind kind) {
  if (!(selection.kinds & kind_bit(kind))) return false;
  return has_trait(kind, AA_KIND_FAILS) || selection.outcomes & AA_SUCCEEDED;
}

bool is_any_asked(const Selection& selection, KindSet kinds) {
  const std::vector<aa_kind> each = kinds_in(kinds);
  return std::any_of(each.begin(), each.end(), [&](aa_kind kind) { return is_asked(selection, kind); });
}

bool needs_call(const Selection& selection, const aa_call& call) {
  const auto asked = [&selection](aa_kind kind) { return is_asked(selection, kind); };
  switch (call.kind) {
    case AA_EXEC: return asked(AA_EXEC) && selection.outcomes & AA_FAILED;  // sched_process_exec has the others
    case AA_READ: return asked(AA_IO) || (call.fd && asked(AA_READ)) || (call.new_fd && asked(AA_WRITE));
    case AA_CLOSE: return asked(AA_IO) || asked(AA_CLOSE);
    case AA_UNLINK: return asked(AA_UNLINK) || (call.flags && asked(AA_RMDIR));
    default: return asked(static_cast<aa_kind>(call.kind));
  }
}

bool needs_syscall_exit(const Selection& selection) {
  const std::vector<SyscallRow> rows = syscall_rows(kThisMachine);
  return std::any_of(rows.begin(), rows.end(), [&](const SyscallRow& row) { return needs_call(selection, row.call); });
}

bool needs_syscall_enter(const Selection& selection) { return is_asked(selection, AA_CLOSE); }

bool needs_uring(const Selection& selection) { return is_any_asked(selection, kinds_with(AA_KIND_URING)); }

}  // namespace aa
