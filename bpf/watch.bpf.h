/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * Which tasks are watched. A flag in task storage says so; fork hands it on. What was alive before is found through its
 * ancestors: by the iterator, and by the hooks for tasks that fork, exec or exit before the iterator comes to them.
 */
#ifndef AA_WATCH_BPF_H
#define AA_WATCH_BPF_H

#include "emit.bpf.h"

#define AA_ANCESTORS_MAX 64 /* in one look; the iterator goes on from what it marked, pass by pass */
#define AA_CHILDREN_MAX 64 /* of a process that ends during seeding */

static __always_inline __u32 task_flags(struct task_struct *task)
{
	struct aa_task *mark = bpf_task_storage_get(&tasks, task, NULL, 0);

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

static __always_inline void leave(struct aa_process_key *process)
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
		leave(&process);
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
	leave(&process);
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

/* Where the way up the ancestors has come to. */
struct aa_descent {
	const struct task_struct *task;
	bool belongs;
};

static long look_at_ancestor(__u32 index, struct aa_descent *d)
{
	struct aa_process_key process = process_key(d->task);
	const struct task_struct *parent;

	/* the pid first: a target that is also watched for another reason must be found too */
	d->belongs = is_target_pid(&process) || bpf_map_lookup_elem(&processes, &process) || is_on_target_tty(d->task);
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

	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_loop))
		bpf_loop(AA_ANCESTORS_MAX, look_at_ancestor, &d, 0);
	else
		for (__u64 i = 0; i < AA_ANCESTORS_MAX && !look_at_ancestor(i, &d); i++)
			;
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

	leave(&process);
	return add_flags(task, AA_TASK_EXCLUDED | role);
}

#include "pipeline.bpf.h"

/* Without its mark a task can still belong to a process that is watched: if marks were refused, or hidden, which
 * kernels before 6.2 do to a look-up when they would refuse; and during seeding, when the iterator has not come to it
 * yet, so that a fork, exec or exit between attaching and its visit is not missed. */
static __noinline bool is_unmarked_member(const struct task_struct *task)
{
	struct aa_process_key process;

	if (state.seeding)
		return belongs_to_target(task);
	if (!state.refused && cfg.typed_loads)
		return false;
	process = process_key(task);
	return bpf_map_lookup_elem(&processes, &process);
}

/* For the hooks: is the current task watched? */
static __always_inline bool is_watched(struct task_struct *task)
{
	__u32 flags = task_flags(task);

	if (flags & AA_TASK_EXCLUDED || (cfg.own_group && comes_into_pipeline(task, flags)))
		return false;
	if (cfg.watch_all)
		return is_in_namespace(task);
	if (flags & AA_TASK_WATCHED)
		return true;
	if (!is_unmarked_member(task))
		return false;
	watch_task(task);
	return true;
}

static __always_inline void send_fork(enum aa_kind kind, struct task_struct *parent, struct task_struct *child)
{
	bool asked = asked_for(kind, 0) && !(child->flags & PF_KTHREAD);
	struct aa_scratch *s = record_start(kind, sizeof(struct aa_fork), parent, asked);
	struct aa_fork *f;

	if (!s)
		return;
	f = (struct aa_fork *)s->record;
	f->child_pid = process_id(child);
	f->child_start = process_start(child);
	record_send(s);
}

/* A target that comes into being, or to its terminal, while the trace runs. */
static __always_inline void join(struct task_struct *task)
{
	watch_task(task);
	send_fork(AA_JOIN, bpf_get_current_task_btf(), task);
}

/* The children of a watched process that ends during seeding go to another parent: enter them for belongs_to_target().
 * Those of one thread among several go to another thread of the process and need no help. The list is read without its
 * lock: a child that leaves it meanwhile points to itself or into another list, then the walk begins again. */
static __always_inline void enter_children(struct task_struct *task)
{
	struct list_head *head = &task->children, *at = BPF_CORE_READ(task, children.next);

	for (__u64 i = 0; i < AA_CHILDREN_MAX; i++) {
		struct task_struct *child = HOLDER_OF(at, struct task_struct, sibling);
		struct list_head *next = BPF_CORE_READ(at, next);

		if (at == head)
			return;
		if (next == at || leader_of(parent_of(child)) != leader_of(task)) {
			at = BPF_CORE_READ(task, children.next);
			continue;
		}
		enter(child);
		at = next;
	}
	count_loss(AA_LOST_UNWATCHED, true);
}

#endif
