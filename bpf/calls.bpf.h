/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * One program for all system calls: the table says what each one is.
 */
#ifndef AA_CALLS_BPF_H
#define AA_CALLS_BPF_H

#include "exec.bpf.h"
#include "syscall.bpf.h"

static __always_inline void on_syscall_exit(struct pt_regs *regs, long result)
{
	struct task_struct *task = bpf_get_current_task_btf();
	const struct aa_call *call = call_row(task, regs);
	struct aa_args args;

	if (!call || result >= 0 || will_restart(result) || !is_watched(task))
		return;
	args.compat = is_compat(task);
	read_args(&args, regs);
	on_exec_failed(task, call, &args, result);
}

#endif
