/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * A system call that returns: its row in the table and its arguments. At the return the arguments are still in pt_regs.
 */
#ifndef AA_SYSCALL_BPF_H
#define AA_SYSCALL_BPF_H

#include "load.bpf.h"
#include "maps.bpf.h"

#define TS_COMPAT 0x0002 /* arch/x86/include/asm/thread_info.h */
#define ERESTARTSYS 512 /* include/linux/errno.h: from here to ERESTART_RESTARTBLOCK the call starts again */
#define ERESTARTNOINTR 513 /* whatever happens */
#define ERESTART_RESTARTBLOCK 516
#define SA_RESTART 0x10000000 /* include/uapi/asm-generic/signal-defs.h */
/* SIGKILL, which also marks every thread whose process a signal ends: complete_signal(), kernel/signal.c */
#define SIGKILL_WAITS (1 << (9 - 1))
#define SIG_IGN 1 /* SIG_DFL is 0 */
#define AA_SIGNALS 64

struct aa_args {
	__u64 of[8]; /* 1 to 6; 0 and 7 are never set */
	bool compat;
	bool unreadable; /* they are in memory that could not be read */
	bool unverified; /* it says that it succeeded; perhaps it did not run (ran.bpf.h) */
	__u32 opened; /* enum aa_opened */
};

static __always_inline bool is_error(long result)
{
	return (unsigned long)result > -4096UL; /* IS_ERR_VALUE, include/linux/err.h */
}

static __always_inline bool may_restart(long result)
{
	return result <= -ERESTARTSYS && result >= -ERESTART_RESTARTBLOCK;
}

/* The signals that wait for a task, and what its call results in. */
struct aa_signals {
	struct sighand_struct *handlers;
	__u64 waiting;
	long result;
};

static long look_at_handler(__u32 index, struct aa_signals *w)
{
	struct k_sigaction *action = (void *)w->handlers + bpf_core_field_offset(struct sighand_struct, action) +
				     index * bpf_core_type_size(struct k_sigaction);

	if (!(w->waiting >> (index & 63) & 1) || (__u64)BPF_CORE_READ(action, sa.sa_handler) <= SIG_IGN)
		return 0;
	if (w->result != -ERESTARTSYS || !(BPF_CORE_READ(action, sa.sa_flags) & SA_RESTART))
		w->result = -EINTR;
	return 1;
}

/* The result as the caller will see it: EINTR, if a signal waits whose handler does not ask for a restart
 * (handle_signal(), arch/x86/kernel/signal.c). Otherwise the call begins anew, or the process ends.
 * A global function: the verifier looks at it once. */
__noinline long seen_result(long result)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct signal_struct *shared = LOAD(struct task_struct, task, signal);
	struct aa_signals w = {.handlers = LOAD(struct task_struct, task, sighand), .result = result};

	w.waiting = LOAD(struct task_struct, task, pending.signal.sig[0]) |
		    LOAD(struct signal_struct, shared, shared_pending.signal.sig[0]);
	w.waiting &= ~LOAD(struct task_struct, task, blocked.sig[0]);
	if (result != -ERESTARTNOINTR && !(w.waiting & SIGKILL_WAITS))
		LOOP(AA_SIGNALS, AA_SIGNALS, look_at_handler, &w);
	return w.result;
}

static __always_inline __u64 argument(const struct aa_args *args, __u32 index)
{
	return args->of[index & 7];
}

/* Each by itself: an array on the stack would be too much for the chain of calls. */
static __always_inline void set_args(struct aa_args *args, __u64 a, __u64 b, __u64 c, __u64 d, __u64 e, __u64 f)
{
	args->of[0] = args->of[7] = 0;
	args->of[1] = a;
	args->of[2] = b;
	args->of[3] = c;
	args->of[4] = d;
	args->of[5] = e;
	args->of[6] = f;
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

/* What seccomp leaves as the result of a call that it refuses: syscall_rollback(), arch/x86/include/asm/syscall.h. */
static __always_inline long rolled_back(struct pt_regs *regs)
{
	return regs->orig_ax;
}

/* What the register of the result has until there is one: arch/x86/entry/. */
static __always_inline long before_result(struct pt_regs *regs)
{
	return -ENOSYS;
}

static __always_inline long result_register(struct pt_regs *regs)
{
	return regs->ax;
}

static __always_inline void read_registers(struct aa_args *args, struct pt_regs *regs)
{
	if (args->compat)
		set_args(args, (__u32)regs->bx, (__u32)regs->cx, (__u32)regs->dx, (__u32)regs->si, (__u32)regs->di,
			 (__u32)regs->bp);
	else
		set_args(args, regs->di, regs->si, regs->dx, regs->r10, regs->r8, regs->r9);
}

#elif defined(__TARGET_ARCH_arm64)

#define TIF_32BIT 22 /* arch/arm64/include/asm/thread_info.h */

static __always_inline bool is_compat(struct task_struct *task)
{
	return task->thread_info.flags >> TIF_32BIT & 1;
}

static __always_inline __u32 call_number(struct pt_regs *regs)
{
	return regs->syscallno;
}

/* As above, in arch/arm64/include/asm/syscall.h. */
static __always_inline long rolled_back(struct pt_regs *regs)
{
	return regs->orig_x0;
}

/* As above: the first argument. */
static __always_inline long before_result(struct pt_regs *regs)
{
	return regs->orig_x0;
}

static __always_inline long result_register(struct pt_regs *regs)
{
	return regs->regs[0];
}

static __always_inline void read_registers(struct aa_args *args, struct pt_regs *regs)
{
	/* the first register has the result by now */
	set_args(args, regs->orig_x0, regs->regs[1], regs->regs[2], regs->regs[3], regs->regs[4], regs->regs[5]);
}

#endif

/* NULL: nobody asked for this call. */
static __always_inline struct aa_call *call_row(struct task_struct *task, __u32 number)
{
	struct aa_call *call;
	__u32 index;

	if (number >= AA_SYSCALLS_MAX)
		return NULL;
	index = (is_compat(task) ? AA_COMPAT32 : AA_NATIVE) * AA_SYSCALLS_MAX + number;
	call = bpf_map_lookup_elem(&calls, &index);
	return call && call->kind ? call : NULL;
}

static __always_inline void read_args(struct aa_args *args, struct pt_regs *regs, const struct aa_call *call)
{
	__u32 block[6] = {};

	args->unreadable = false;
	read_registers(args, regs);
	if (!(call->traits & AA_CALL_INDIRECT))
		return;
	args->unreadable = read_user(block, sizeof block, args->of[1]);
	set_args(args, block[0], block[1], block[2], block[3], block[4], block[5]);
}

#endif
