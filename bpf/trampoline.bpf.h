/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * System calls without a hook on all of them: a small program on the kernel's function for each one. It only decides
 * whether the task may be watched, and goes on to the program that all of them share. What these programs see is what
 * they see at the hook: the caller's registers, and the result.
 *
 * While a task is preempted in one of them, the kernel does not run it for other tasks on that CPU; it counts that
 * (__bpf_prog_enter_recur(), kernel/bpf/trampoline.c), and user space reads the counts.
 */
#ifndef AA_TRAMPOLINE_BPF_H
#define AA_TRAMPOLINE_BPF_H

#include "dispatch.bpf.h"

/* The shared programs. A program can go on only to one that is attached to a function of the very same prototype: calls
 * that a kernel can be built without (COND_SYSCALL in kernel/sys_ni.c) have one of their own. */
struct aa_shared {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
};
struct aa_shared on_return SEC(".maps"), on_weak_return SEC(".maps"), on_entry SEC(".maps");

/* Without a look at anything that costs more than the task's mark: is_watched() decides. Without marks that can be
 * relied on, every task may be. */
static __always_inline bool may_be_watched(void)
{
	__u32 flags;

	if (state.ended)
		return false;
	if (cfg.watch_all || state.seeding || state.refused || !cfg.typed_loads)
		return true;
	flags = task_flags(bpf_get_current_task_btf());
	return flags & AA_TASK_WATCHED;
}

#endif
