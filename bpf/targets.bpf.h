/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * The marks of tasks, the watched processes, and the targets: what is named on the command line, and what descends from
 * it.
 */
#ifndef AA_TARGETS_BPF_H
#define AA_TARGETS_BPF_H

#include "emit.bpf.h"

#define AA_ANCESTORS_MAX 64 /* in one look; the iterator goes on from what it marked, pass by pass */

/* Most tasks of a machine have no storage of any BPF program: a load tells that, for a fraction of the helper's cost.
 */
static __always_inline __u32 task_flags(struct task_struct *task)
{
	struct aa_task *mark =
		LOAD(struct task_struct, task, bpf_storage) ? bpf_task_storage_get(&tasks, task, NULL, 0) : NULL;

	return mark ? mark->flags : 0;
}

/* The task's mark. NULL: no memory, or another program or the end of a task was preempted on this CPU in the middle of
 * its own: then the kernel refuses (bpf_task_storage_busy in kernel/bpf/bpf_task_storage.c). is_watched() makes up for
 * it. */
static __always_inline struct aa_task *make_mark(struct task_struct *task)
{
	struct aa_task *mark = bpf_task_storage_get(&tasks, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (!mark) {
		__sync_fetch_and_add(&state.refused, 1);
		__sync_fetch_and_add(&state.found, 1);
	}
	return mark;
}

/* Returns whether one of them is new. */
static __always_inline bool add_flags(struct task_struct *task, __u32 flags)
{
	struct aa_task *mark = make_mark(task);

	return mark && flags & ~__sync_fetch_and_or(&mark->flags, flags);
}

static __always_inline void drop_flags(struct task_struct *task, __u32 flags)
{
	struct aa_task *mark = bpf_task_storage_get(&tasks, task, NULL, 0);

	if (mark)
		__sync_fetch_and_and(&mark->flags, ~flags);
}

static __always_inline bool mark_watched(struct task_struct *task)
{
	return add_flags(task, AA_TASK_WATCHED);
}

static __always_inline struct aa_process_key process_key(const struct task_struct *task)
{
	return (struct aa_process_key){.start = process_start(task), .pid = process_id(task)};
}

static __always_inline void forget_process(struct aa_process_key *process)
{
	if (!bpf_map_delete_elem(&processes, process))
		__sync_fetch_and_add(&state.live, -1);
}

/* A process is watched from now on. One that ends while the iterator looks at it is first noted in `gone` by the exit
 * hook, which then looks for its entry: one of the two sees the other.
 * A global function: the verifier looks at it once, not in each turn of a loop. */
__noinline int enter_process(__u64 start, __u32 pid)
{
	struct aa_process_key process = {.start = start, .pid = pid};
	__u8 none = 0;
	int error = map_error(bpf_map_update_elem(&processes, &process, &none, BPF_NOEXIST));

	if (error == -EEXIST)
		return 0;
	if (error) {
		count_loss(AA_LOST_UNWATCHED, true);
		return 0;
	}
	__sync_fetch_and_add(&state.live, 1);
	if (state.seeding && bpf_map_lookup_elem(&gone, &process))
		forget_process(&process);
	return 0;
}

static __always_inline void enter(const struct task_struct *task)
{
	if (has_threads(task))
		enter_process(process_start(task), process_id(task));
}

/* The process's last thread ends. */
static __always_inline void note_gone(const struct task_struct *task)
{
	struct aa_process_key process = process_key(task);
	__u8 none = 0;

	if (state.seeding && bpf_map_update_elem(&gone, &process, &none, BPF_ANY))
		count_loss(AA_LOST_UNWATCHED, true);
	forget_process(&process);
}

/* The first process found under a target's pid is the one that was meant; a later one with its number is not. */
static __always_inline bool is_target_pid(struct aa_process_key *process)
{
	__u64 *claimed = bpf_map_lookup_elem(&target_pids, &process->pid);

	if (!claimed || *claimed == process->start)
		return claimed;
	if (__sync_val_compare_and_swap(claimed, 0, process->start))
		return false;
	__sync_fetch_and_add(&state.claimed, 1);
	return true;
}

static __always_inline bool is_on_target_tty(const struct task_struct *task)
{
	__u32 tty = cfg.watch_ttys ? controlling_tty(task) : 0;

	return tty && bpf_map_lookup_elem(&target_ttys, &tty) && is_in_namespace(task);
}

/* Is the process itself what the user named? Whoever asks claims its pid, also where the terminal would do: a target
 * that is watched for another reason must be found too. */
static __always_inline bool is_target(const struct task_struct *task)
{
	struct aa_process_key process = process_key(task);

	return is_target_pid(&process) || is_on_target_tty(task);
}

/* Where the way up the ancestors has come to. */
struct aa_descent {
	const struct task_struct *task;
	bool belongs;
};

static long look_at_ancestor(__u32 index, struct aa_descent *d)
{
	struct aa_process_key process = process_key(d->task);
	const struct task_struct *parent;

	d->belongs = is_target(d->task) || bpf_map_lookup_elem(&processes, &process);
	parent = cfg.watch_children && !d->belongs ? parent_of(d->task) : NULL;
	if (!parent || parent == d->task)
		return 1;
	d->task = parent;
	return 0;
}

/* Is the process, or one that it descends from, a target or watched already? Independent of the order of pids. */
static __noinline bool belongs_to_target(const struct task_struct *task)
{
	struct aa_descent d = {.task = task};

	LOOP(AA_ANCESTORS_MAX, AA_ANCESTORS_MAX, look_at_ancestor, &d);
	return d.belongs;
}

/* Returns whether the mark is new. */
static __always_inline bool watch_task(struct task_struct *task)
{
	enter(task);
	return mark_watched(task);
}

/* aa-trace itself and its own pipeline: neither reported nor waited for. `role`: other flags of the mark. Returns
 * whether the mark is new. */
static __always_inline bool exclude_task(struct task_struct *task, __u32 role)
{
	struct aa_process_key process = process_key(task);

	forget_process(&process);
	return add_flags(task, AA_TASK_EXCLUDED | role);
}

#endif
