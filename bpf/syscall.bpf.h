/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * A system call that returns: its row in the table and its arguments. At the return the arguments are still in pt_regs.
 */
#ifndef AA_SYSCALL_BPF_H
#define AA_SYSCALL_BPF_H

#include "maps.bpf.h"

#define TS_COMPAT 0x0002 /* arch/x86/include/asm/thread_info.h */
#define ERESTARTSYS 512 /* include/linux/errno.h: from here to ERESTART_RESTARTBLOCK the call starts again */
#define ERESTART_RESTARTBLOCK 516

struct aa_args {
	__u64 of[8]; /* 1 to 6; 0 and 7 are never set */
	bool compat;
};

static __always_inline bool will_restart(long result)
{
	return result <= -ERESTARTSYS && result >= -ERESTART_RESTARTBLOCK;
}

static __always_inline __u64 argument(const struct aa_args *args, __u32 index)
{
	return args->of[index & 7];
}

#if defined(__TARGET_ARCH_x86)

static __always_inline bool is_compat(struct task_struct *task)
{
	return task->thread_info.status & TS_COMPAT;
}

static __always_inline __u32 call_number(struct pt_regs *regs)
{
	return regs->orig_ax;
}

static __always_inline void read_args(struct aa_args *args, struct pt_regs *regs)
{
	if (args->compat) {
		*args = (struct aa_args){{0, (__u32)regs->bx, (__u32)regs->cx, (__u32)regs->dx, (__u32)regs->si,
					  (__u32)regs->di, (__u32)regs->bp},
					 true};
		return;
	}
	*args = (struct aa_args){{0, regs->di, regs->si, regs->dx, regs->r10, regs->r8, regs->r9}, false};
}

#endif

/* NULL: nobody asked for this call. */
static __always_inline const struct aa_call *call_row(struct task_struct *task, struct pt_regs *regs)
{
	__u32 number = call_number(regs), index;
	const struct aa_call *call;

	if (number >= AA_SYSCALLS_MAX)
		return NULL;
	index = (is_compat(task) ? AA_COMPAT32 : AA_NATIVE) * AA_SYSCALLS_MAX + number;
	call = bpf_map_lookup_elem(&calls, &index);
	return call && call->kind ? call : NULL;
}

#endif
