/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * One program for all system calls: the table says what each one is.
 */
#ifndef AA_DISPATCH_BPF_H
#define AA_DISPATCH_BPF_H

#include "exec.bpf.h"
#include "file.bpf.h"
#include "io.bpf.h"
#include "ran.bpf.h"
#include "syscall.bpf.h"

/* The result of a call of a task that may_be_answered(), -AA_REFUSED if it did not run; says in `args` where that is
 * not certain. A global function: the verifier looks at it once. */
__noinline long result_of_run(struct aa_args *args, long result, long rolled, __u32 kind)
{
	struct task_struct *task = bpf_get_current_task_btf();
	enum aa_ran ran = call_ran(task, kind, result, result == rolled);

	if (!args)
		return result;
	if (ran == AA_RAN_NOT)
		return -AA_REFUSED;
	if (ran == AA_RAN_PERHAPS && kind == AA_OPEN)
		result = checked_open(task, result);
	args->unverified = ran == AA_RAN_PERHAPS && !is_error(result);
	return result;
}

static __always_inline void on_syscall_exit(struct pt_regs *regs, long result)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct aa_call *call = call_row(task, call_number(regs));
	struct aa_args args = {};

	if (!call || !is_watched(task))
		return;
	if (call->kind == AA_OPEN)
		args.opened = take_opened(task, regs, result);
	if (may_be_answered(task))
		result = result_of_run(&args, result, rolled_back(regs), call->kind);
	if (may_restart(result)) {
		result = seen_result(result);
		if (may_restart(result)) {
			forget_names(task);
			return;
		}
	}
	args.compat = is_compat(task);
	read_args(&args, regs, call);
	switch (call->kind) {
	case AA_EXEC:
		/* sched_process_exec reports the others */
		if (is_error(result))
			on_exec_failed(task, call, &args, result);
		return;
	case AA_READ:
		on_transfer(task, call, &args, result);
		return;
	case AA_CLOSE:
		on_close(task, call, &args, result);
		return;
	default:
		on_file_call(task, call, &args, result);
		if (acts_on_name(call))
			forget_names(task);
	}
}

/* Loaded for `-e close` alone. */
static __always_inline void on_syscall_enter(struct pt_regs *regs, long number)
{
	struct task_struct *task = bpf_get_current_task_btf();
	const struct aa_call *call = call_row(task, number);
	struct aa_args args;

	if (!call || call->kind != AA_CLOSE || !is_watched(task))
		return;
	args.compat = is_compat(task);
	args.unverified = false;
	read_args(&args, regs, call);
	on_close_entry(task, call, &args);
}

#endif
