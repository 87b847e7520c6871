/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * What a process has used when its last thread ends, in the kernel's own accounts: those that wait4(2) gives its
 * parent.
 */
#ifndef AA_USAGE_BPF_H
#define AA_USAGE_BPF_H

#include "emit.bpf.h"

/* Threads whose time is not in the process's sum yet: the one that ends, a leader that has ended before, and those that
 * end at this moment. */
#define AA_ENDING_MAX 128
#define AA_ENDING_UNLOOPED 64 /* without bpf_loop (before 5.17) */
#define AA_USAGE_TRIES 4 /* while others move their time into the sum */

/* A look at those threads. */
struct aa_thread_walk {
	__u64 next; /* the member of a list */
	__u64 head; /* of that list */
	__u64 utime;
	__u64 stime;
	__u64 runtime;
	bool has_memory; /* another thread has not given up its memory yet */
};

static long add_thread(__u32 index, struct aa_thread_walk *w)
{
	struct task_struct *thread = HOLDER_OF((void *)w->next, struct task_struct, thread_node);

	if (!w->next || w->next == w->head)
		return 1;
	w->utime += LOAD(struct task_struct, thread, utime);
	w->stime += LOAD(struct task_struct, thread, stime);
	w->runtime += LOAD(struct task_struct, thread, se.sum_exec_runtime);
	if (thread != bpf_get_current_task_btf() && LOAD(struct task_struct, thread, mm))
		w->has_memory = true;
	w->next = (__u64)LOAD_POINTER(void, (void *)w->next);
	return 0;
}

/* As thread_group_cputime() in kernel/sched/cputime.c. False: a thread was just being moved into the sum, or there are
 * too many. */
static __always_inline bool sum_times(struct aa_scratch *s, struct aa_exit *e, struct signal_struct *signal)
{
	__u32 before = LOAD_SEQUENCE(struct signal_struct, signal, stats_lock);
	struct aa_thread_walk w = {};

	signal = read_after(signal, before);
	w.head = (__u64)signal + bpf_core_field_offset(struct signal_struct, thread_head);
	w.next = (__u64)LOAD_POINTER(void, (void *)w.head);
	w.utime = LOAD(struct signal_struct, signal, utime);
	w.stime = LOAD(struct signal_struct, signal, stime);
	w.runtime = LOAD(struct signal_struct, signal, sum_sched_runtime);
	LOOP(AA_ENDING_MAX, AA_ENDING_UNLOOPED, add_thread, &w);
	e->utime = w.utime;
	e->stime = w.stime;
	e->runtime = w.runtime;
	/* Before 6.17 who reads that no thread is left may be another one than the last, which notes how much memory
	 * there was at most (do_exit(), kernel/exit.c). */
	if (w.has_memory && !cfg.exit_tells_last)
		mark_unreadable(s, AA_EXIT_MAX_RSS);
	read_all_before(&s->walk.fence);
	return !(before & 1) && LOAD_SEQUENCE(struct signal_struct, signal, stats_lock) == before && w.next == w.head;
}

/* Of the current process, whose last thread ends. A global function: the verifier looks at it once. */
__noinline int add_usage(struct aa_scratch *s)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct signal_struct *signal = LOAD(struct task_struct, task, signal);
	struct aa_exit *e;

	if (!s)
		return 0;
	e = (struct aa_exit *)s->record;
	e->max_rss = LOAD(struct signal_struct, signal, maxrss);
	e->told_utime = LOAD(struct signal_struct, signal, prev_cputime.utime);
	e->told_stime = LOAD(struct signal_struct, signal, prev_cputime.stime);
	for (__u64 i = 0; i < AA_USAGE_TRIES; i++)
		if (sum_times(s, e, signal))
			return 0;
	mark_unreadable(s, AA_EXIT_TIMES);
	return 0;
}

#endif
