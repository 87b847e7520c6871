/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * aa-trace's own pipeline, which is left out where its own terminal is watched: what reads its output would report
 * itself. cfg.own_group is its process group.
 *
 * Who belongs to it is decided once, when the trace begins: who is in the group then. What a member starts belongs to
 * it too, until it executes something outside of the group. Nobody comes in later by joining the group, as any process
 * of the session can (setpgid(2)), but for one: a member that the shell had not yet made. A shell makes one after the
 * other, and each joins the group before its exec. So a child that this shell itself made (not one that only has it as
 * its parent) is a member if it is in the group when it does something for the first time, and if every child that the
 * shell made since the trace began was. With the first that was not, the shell is at something else: the pipeline is
 * complete. A program that the shell runs has executed, so it has nothing to decide any more.
 *
 * Ancestors of aa-trace in the group (sudo; the shell of a script, which makes no groups) are left out, but not what
 * they make from then on. Processes named on the command line, and what they made in the group, are not left out.
 */
#ifndef AA_PIPELINE_BPF_H
#define AA_PIPELINE_BPF_H

#include "targets.bpf.h"

static __always_inline bool in_own_group(const struct task_struct *task)
{
	return process_group(task) == cfg.own_group;
}

/* The way up from a process through its ancestors in the group. */
struct aa_pedigree {
	const struct task_struct *task; /* the first one that is not in it; NULL: there is none */
	__u64 sought; /* address of a thread group's leader */
	bool met; /* it was on the way */
	bool named; /* on the way was one that is named on the command line */
};

static long look_in_group(__u32 index, struct aa_pedigree *c)
{
	struct aa_process_key process = process_key(c->task);
	const struct task_struct *parent = parent_of(c->task);

	if (!in_own_group(c->task))
		return 1;
	c->met |= (__u64)leader_of(c->task) == c->sought;
	c->named |= is_target_pid(&process);
	if (parent == c->task)
		parent = NULL;
	c->task = parent;
	return !parent;
}

static __noinline int trace_pedigree(struct aa_pedigree *c)
{
	if (!c)
		return 0;
	LOOP(AA_ANCESTORS_MAX, AA_ANCESTORS_MAX, look_in_group, c);
	return 0;
}

/* Before the trace has begun. */
static __always_inline bool is_in_pipeline(const struct task_struct *task)
{
	struct aa_pedigree c = {.task = task};

	if (!in_own_group(task))
		return false;
	trace_pedigree(&c);
	return !c.named;
}

/* For the iterator, in aa-trace's own context: the marks of a member, and of the shell that made the pipeline. Returns
 * whether the task is left out. */
static __always_inline bool mark_pipeline(struct task_struct *task)
{
	struct aa_pedigree up = {.task = bpf_get_current_task_btf(), .sought = (__u64)leader_of(task)};
	__u32 role = AA_TASK_PIPELINE;

	trace_pedigree(&up);
	if (up.task && leader_of(up.task) == leader_of(task) &&
	    controlling_tty(task) == controlling_tty(bpf_get_current_task_btf()))
		add_flags(task, AA_TASK_SHELL);
	if (!is_in_pipeline(task))
		return false;
	if (up.met)
		role = cfg.watch_all || belongs_to_target(task) ? AA_TASK_WATCHED : 0;
	if (exclude_task(task, role))
		__sync_fetch_and_add(&state.found, 1);
	return true;
}

/* What the creator's mark gives to the child's, beside AA_TASK_WATCHED. */
static __always_inline __u32 inherited_role(__u32 flags, bool thread)
{
	if (thread)
		return flags & (AA_TASK_EXCLUDED | AA_TASK_PIPELINE | AA_TASK_SHELL | AA_TASK_LATE);
	if (flags & AA_TASK_PIPELINE)
		return AA_TASK_EXCLUDED | AA_TASK_PIPELINE;
	return flags & AA_TASK_SHELL && !pipeline_complete ? AA_TASK_LATE : 0;
}

/* Something that is not marked as left out: does it turn out to be? */
static __noinline bool comes_into_pipeline(struct task_struct *task, __u32 flags)
{
	if (state.seeding && is_in_pipeline(task))
		return true;
	if (!(flags & AA_TASK_LATE))
		return false;
	drop_flags(task, AA_TASK_LATE);
	if (!pipeline_complete && in_own_group(task)) {
		exclude_task(task, AA_TASK_PIPELINE);
		return true;
	}
	pipeline_complete = true;
	return false;
}

/* For one that has executed and is not watched: may it join? */
static __always_inline bool is_left_out(struct task_struct *task)
{
	__u32 flags = task_flags(task);

	if (!cfg.own_group)
		return flags & AA_TASK_EXCLUDED;
	if (state.seeding)
		return flags & AA_TASK_EXCLUDED || is_in_pipeline(task);
	if (!(flags & AA_TASK_EXCLUDED))
		return false;
	if (in_own_group(task))
		return true;
	drop_flags(task, AA_TASK_EXCLUDED | AA_TASK_PIPELINE);
	return false;
}

#endif
