/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * fork and exit, and the iterator over what was alive before.
 */
#ifndef AA_PROCESS_BPF_H
#define AA_PROCESS_BPF_H

#include "sweep.bpf.h"
#include "usage.bpf.h"
#include "watch.bpf.h"

#define SIGNAL_GROUP_EXIT 0x00000004 /* include/linux/sched/signal.h */

/* Somebody outside has entered aa-trace's pid namespace (setns(2)), and this is the child. */
static __always_inline bool comes_into_namespace(const struct task_struct *parent, const struct task_struct *child)
{
	return cfg.watch_all && cfg.pid_level && is_in_namespace(child) && !is_in_namespace(parent);
}

/* aa-trace's ancestors in its own group are left out, but not what they make. */
static __always_inline bool hands_on_unseen(__u32 flags)
{
	return cfg.own_group && cfg.watch_children && flags & AA_TASK_EXCLUDED && flags & AA_TASK_WATCHED;
}

/* What is known of the filters of seccomp, which a child has too (copy_seccomp(), kernel/fork.c): otherwise they were
 * looked at for each child again. */
static __always_inline void hand_on_filters(struct task_struct *parent, struct task_struct *child)
{
	struct aa_task *from = bpf_task_storage_get(&tasks, parent, NULL, 0), *to;

	if (!from || !from->filter)
		return;
	to = bpf_task_storage_get(&tasks, child, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!to)
		return;
	__sync_fetch_and_or(&to->flags, from->flags & AA_TASK_ANSWERED);
	to->filter = from->filter;
}

/* Runs in the parent, for threads too, before the child first runs: its record comes before any of the child's. */
static __always_inline void on_process_fork(struct task_struct *parent, struct task_struct *child)
{
	bool thread = is_same_process(parent, child), watched = is_watched(parent), awaited = false;
	__u32 flags = cfg.own_group || !watched ? task_flags(parent) : 0, role = inherited_role(flags, thread);

	if (cfg.await_pids && !thread) {
		struct aa_process_key process = process_key(child);

		awaited = is_target_pid(&process);
	}
	if (role && !awaited)
		add_flags(child, role);
	if (!watched) {
		if (awaited || (!thread && !(role & AA_TASK_EXCLUDED) &&
				(comes_into_namespace(parent, child) || hands_on_unseen(flags))))
			join(child);
		return;
	}
	if (!cfg.watch_all && thread)
		mark_watched(child);
	else if (!cfg.watch_all && cfg.watch_children)
		watch_task(child);
	else if (awaited)
		join(child);
	hand_on_filters(parent, child);
	if (!thread)
		send_fork(AA_FORK, parent, child);
}

/* As wait_task_zombie() in kernel/exit.c composes the status that the parent gets. */
static __always_inline __u32 exit_status(struct task_struct *task)
{
	struct signal_struct *signal = LOAD(struct task_struct, task, signal);

	if (LOAD(struct signal_struct, signal, flags) & SIGNAL_GROUP_EXIT)
		return LOAD(struct signal_struct, signal, group_exit_code);
	return LOAD(struct task_struct, leader_of(task), exit_code);
}

static __always_inline void send_exit(struct task_struct *task, __u32 left)
{
	bool asked = asked_for(AA_EXIT, 0) && !(task->flags & PF_KTHREAD);
	struct aa_scratch *s = record_start(AA_EXIT, sizeof(struct aa_exit), task, asked);

	if (!s)
		return;
	((struct aa_exit *)s->record)->status = exit_status(task);
	((struct aa_exit *)s->record)->left = left;
	((struct aa_exit *)s->record)->table = table_of(bpf_get_current_task_btf(), 0);
	if (asked)
		add_usage(s);
	record_send(s);
}

/* What the end of a thread had no time for, or left to others. */
static __always_inline void send_table_left(struct task_struct *task, __u32 left)
{
	struct aa_scratch *s = record_start(AA_TABLE, sizeof(struct aa_exit), task, false);

	if (!s)
		return;
	((struct aa_exit *)s->record)->left = left;
	((struct aa_exit *)s->record)->table = table_of(bpf_get_current_task_btf(), 0);
	record_send(s);
}

/* Before 6.17 the tracepoint does not say which thread was the last. Two that exit at once may both read 0; the
 * leader's flag lets one through. The leader stays until all of its threads are gone. */
static __always_inline bool is_last_thread(struct task_struct *task, bool group_dead, bool watched)
{
	struct aa_task *mark;

	if (cfg.exit_tells_last)
		return group_dead;
	if (has_threads(task))
		return false;
	if (!watched)
		return true;
	mark = make_mark(task->group_leader);
	return !mark || !(__sync_fetch_and_or(&mark->flags, AA_TASK_EXIT_SENT) & AA_TASK_EXIT_SENT);
}

static __always_inline void on_process_exit(struct task_struct *task, bool group_dead)
{
	struct task_struct *speaker = marked_speaker_of(task);
	bool watched = is_watched(speaker);
	__u32 left;

	if (!is_last_thread(task, group_dead, watched)) {
		left = watched ? end_own_table(task) : 0;
		if (left)
			send_table_left(speaker, left);
		return;
	}
	if (watched) {
		send_exit(speaker, end_descriptors(task));
		if (state.seeding && cfg.watch_children)
			enter_children(task);
	}
	note_gone(task);
}

/* Marks a task that was alive before the hooks were attached, and reports a watched process to the reader of the
 * iterator. Every pass reports all of them; passes are repeated until one marks nothing new. */
static __always_inline void on_task_seen(struct seq_file *seq, struct task_struct *task)
{
	struct aa_seed seed = {};

	if (is_same_process(task, bpf_get_current_task_btf())) {
		exclude_task(task, 0);
		return;
	}
	if (!has_threads(task) || (cfg.own_group && mark_pipeline(task)))
		return;
	if (cfg.watch_all) {
		struct aa_process_key process = process_key(task);

		is_target_pid(&process);
	} else {
		if (!belongs_to_target(task))
			return;
		if (!task->exit_state && watch_task(task))
			__sync_fetch_and_add(&state.found, 1);
	}
	/* a leader stands for its process also when it has ended before its threads */
	if (task != leader_of(task))
		return;
	seed.start = process_start(task);
	seed.parent_start = process_start(parent_of(task));
	seed.pid = process_id(task);
	seed.ppid = parent_id(task);
	seed.exec_id = LOAD(struct task_struct, task, self_exec_id);
	bpf_probe_read_kernel_str(seed.comm, sizeof seed.comm, task->comm);
	bpf_seq_write(seq, &seed, sizeof seed);
}

#endif
