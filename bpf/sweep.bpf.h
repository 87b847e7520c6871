/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * Looks for counted descriptors that have gone: of a range that was closed, at an exec, at the end of a process or of a
 * thread with a table of its own. Each look is bounded; what it did not come to waits.
 */
#ifndef AA_SWEEP_BPF_H
#define AA_SWEEP_BPF_H

#include "descriptor.bpf.h"

/* Turns of a look for counted descriptors; the longest ones end one each. The rest waits, in aa_used.rest or for user
 * space (AA_LEFT_TABLE). */
#define AA_SWEEP_MAX 192
#define AA_SWEEP_UNLOOPED 128 /* without bpf_loop (before 5.17) */

/* A look for the counted descriptors of a range. */
struct aa_sweep {
	struct aa_used *used;
	__u64 at; /* where it stands */
	__u64 last;
	bool fixed;
	bool all;
};

static long sweep_on(__u32 index, struct aa_sweep *w)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct aa_descriptor_key key = {.pid = process_id(task)};
	__u64 found;

	count_work(AA_WORK_SWEPT, 1);
	if (w->at > w->last)
		return 1;
	found = look_on(w->used, w->at, w->fixed, w->all);
	w->at = found & ~AA_FOUND;
	if (!(found & AA_FOUND) || w->at > w->last)
		return 0;
	key.fd = w->fixed ? w->at | AA_FD_FIXED : w->at;
	key.table = table_of(task, key.fd);
	end_if_gone(&key, w->all);
	w->at++;
	return 0;
}

/* The counted descriptors of the current task's table, or (`first` and `last` with AA_FD_FIXED) of its io_urings'.
 * `all`: they go with their table, otherwise those that are closed, or open on something else, by now. False: that was
 * not all of it.
 * A global function: the verifier looks at it once, and knows nothing of where it begins. */
__noinline int sweep_descriptors(__u32 first, __u32 last, bool all)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct aa_table_key key = {.table = table_of(task, first), .pid = process_id(task)};
	struct aa_sweep w = {
		.at = first & ~AA_FD_FIXED, .last = last & ~AA_FD_FIXED, .fixed = first >= AA_FD_FIXED, .all = all};

	w.used = bpf_map_lookup_elem(&descriptor_users, &key);
	if (!w.used || (!w.used->count && !all))
		return true;
	LOOP(AA_SWEEP_MAX, AA_SWEEP_UNLOOPED, sweep_on, &w);
	if (w.at > w.last)
		return true;
	/* what was left of an earlier one stays in the rest */
	if (!w.used->rest || w.used->rest > w.at + 1)
		w.used->rest = w.at + 1;
	if (w.used->rest_last < w.last)
		w.used->rest_last = w.last;
	return false;
}

/* A sweep that was too long for one program goes on whenever the process closes something. */
static __always_inline void sweep_rest(struct task_struct *task)
{
	struct aa_table_key key = {.table = table_of(task, 0), .pid = process_id(task)};
	struct aa_used *used = bpf_map_lookup_elem(&descriptor_users, &key);
	__u64 rest;

	if (!used || !used->rest)
		return;
	rest = __sync_lock_test_and_set(&used->rest, 0);
	if (rest)
		sweep_descriptors(rest - 1, used->rest_last, false);
}

/* One descriptor, if its number means nothing, or another file, by now. */
static __always_inline void end_if_closed(struct task_struct *task, __u32 fd)
{
	struct aa_descriptor_key key = {.pid = process_id(task), .fd = fd, .table = table_of(task, fd)};

	end_if_gone(&key, false);
}

/* An exec closes some descriptors, and all io_urings. After its record: what comes before it belongs to the old
 * program. */
static __always_inline void end_closed_on_exec(void)
{
	if (!asked_for(AA_IO, 0))
		return;
	sweep_descriptors(0, ~AA_FD_FIXED, false);
	sweep_descriptors(AA_FD_FIXED, ~0U, true);
}

/* The current task's, or (`first` AA_FD_FIXED) its io_urings'. True: nothing is left of it. */
static __always_inline bool end_table(struct task_struct *task, __u32 first)
{
	struct aa_table_key key = {.table = table_of(task, first), .pid = process_id(task)};

	if (!sweep_descriptors(first, first | ~AA_FD_FIXED, true))
		return false;
	bpf_map_delete_elem(&descriptor_users, &key);
	return true;
}

/* The process ends with descriptors open. Returns enum aa_exit_left. */
static __always_inline __u32 end_descriptors(struct task_struct *task)
{
	__u32 left = 0;

	if (!asked_for(AA_IO, 0))
		return 0;
	if (!end_table(task, 0))
		left |= AA_LEFT_TABLE;
	if (!end_table(task, AA_FD_FIXED))
		left |= AA_LEFT_FIXED;
	return left;
}

/* Threads that share a table may all end at once: each then sees that others have it. What is counted there goes with
 * the process; of the table that its last thread has, that one takes care. Returns enum aa_exit_left, once for each
 * table. */
static __always_inline __u32 note_shared_table(struct task_struct *task, struct files_struct *files)
{
	struct task_struct *leader = leader_of(task);
	struct aa_table_key key = {.table = (__u64)files, .pid = process_id(task)};
	struct aa_used *used;

	if (task != leader && LOAD(struct task_struct, leader, files) == files)
		return 0; /* the leader's, when that ends */
	used = bpf_map_lookup_elem(&descriptor_users, &key);
	if (!used || used->noted || __sync_lock_test_and_set(&used->noted, 1))
		return 0;
	return AA_LEFT_SHARED;
}

/* A thread ends that is not the last one. Its table goes with it if nobody else has it: threads can take one of their
 * own (unshare(2), close_range(2)). Returns enum aa_exit_left. */
static __always_inline __u32 end_own_table(struct task_struct *task)
{
	struct files_struct *files = LOAD(struct task_struct, task, files);

	if (!asked_for(AA_IO, 0) || !files)
		return 0;
	if (LOAD(struct files_struct, files, count.counter) != 1)
		return note_shared_table(task, files);
	return end_table(task, 0) ? 0 : AA_LEFT_TABLE;
}

#endif
