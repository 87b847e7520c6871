/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * Which tasks are watched. A flag in task storage says so; fork hands it on. What was alive before is found through its
 * ancestors: by the iterator, and by the hooks for tasks that fork, exec or exit before the iterator comes to them.
 */
#ifndef AA_WATCH_BPF_H
#define AA_WATCH_BPF_H

#include "pipeline.bpf.h"

#define AA_CHILDREN_MAX 64 /* of a process that ends during seeding */

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
struct aa_children {
	struct task_struct *task;
	struct list_head *at;
	bool done;
};

static long enter_child(__u32 index, struct aa_children *c)
{
	struct task_struct *task = c->task, *child = HOLDER_OF(c->at, struct task_struct, sibling);
	struct list_head *at = c->at, *next = BPF_CORE_READ(at, next);

	c->done = at == &task->children;
	if (c->done)
		return 1;
	if (next == at || leader_of(parent_of(child)) != leader_of(task)) {
		c->at = BPF_CORE_READ(task, children.next);
		return 0;
	}
	enter(child);
	c->at = next;
	return 0;
}

static __always_inline void enter_children(struct task_struct *task)
{
	struct aa_children c = {.task = task, .at = BPF_CORE_READ(task, children.next)};

	LOOP(AA_CHILDREN_MAX, AA_CHILDREN_MAX, enter_child, &c);
	if (!c.done)
		count_loss(AA_LOST_UNWATCHED, true);
}

#endif
