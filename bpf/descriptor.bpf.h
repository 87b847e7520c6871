/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * What went through each descriptor of a process: an entry begins with the first read or write, which is when the path
 * is reported, and ends with the descriptor, which is when the totals are.
 */
#ifndef AA_DESCRIPTOR_BPF_H
#define AA_DESCRIPTOR_BPF_H

#include "file.bpf.h"

#define AA_USED_RETRIES 8 /* to raise aa_used.highest against other threads */
#define AA_SWEEP_UNLOOPED 128 /* descriptors, without bpf_loop (before 5.17) */

/* Records of io are of the process whose descriptor it is, also where another one ends it (io_uring's workers). */
static __always_inline void set_owner(struct aa_scratch *s, __u32 pid, __u64 start)
{
	struct aa_header *h = (struct aa_header *)s->record;

	h->pid = pid;
	h->start = start;
}

static __always_inline void send_io(__u32 pid, __u32 fd, __u32 marks, const struct aa_descriptor *d)
{
	struct aa_scratch *s = record_start(AA_IO, sizeof(struct aa_io), speaker_of(bpf_get_current_task_btf()), true);
	struct aa_io *io;

	if (!s)
		return;
	set_owner(s, pid, d->start);
	io = (struct aa_io *)s->record;
	io->fd = fd;
	io->marks = marks;
	io->generation = d->generation;
	io->totals = d->totals;
	record_send(s);
}

static __always_inline __u64 take_total(__u64 *total)
{
	return __sync_lock_test_and_set(total, AA_ENDED);
}

/* The descriptor's number means nothing, or another file, from now on. Other threads may be adding to the entry, or be
 * ending it too: one of them gets it, and what is added after it took the totals goes by send_late(). */
__noinline int end_descriptor(__u32 pid, __u32 fd)
{
	struct aa_descriptor_key key = {.pid = pid, .fd = fd};
	struct aa_descriptor *d = bpf_map_lookup_elem(&descriptors, &key), last;
	struct aa_used *used;

	if (!d)
		return 0;
	last = *d;
	if (!last.generation || __sync_val_compare_and_swap(&d->generation, last.generation, 0) != last.generation)
		return 0; /* another thread was faster */
	last.totals.reads = take_total(&d->totals.reads);
	last.totals.read_bytes = take_total(&d->totals.read_bytes);
	last.totals.writes = take_total(&d->totals.writes);
	last.totals.written_bytes = take_total(&d->totals.written_bytes);
	bpf_map_delete_elem(&descriptors, &key);
	used = bpf_map_lookup_elem(&descriptor_users, &pid);
	if (used)
		__sync_fetch_and_add(&used->count, -1);
	if (!last.allowed_by)
		send_io(pid, fd, AA_IO_CLOSED | (last.unverified ? AA_IO_UNVERIFIED : 0), &last);
	return 0;
}

static __always_inline void raise_to(__u64 *highest, __u64 number)
{
	for (__u64 i = 0; i < AA_USED_RETRIES; i++) {
		__u64 now = *(volatile __u64 *)highest;

		if (now >= number || __sync_val_compare_and_swap(highest, now, number) == now)
			return;
	}
}

/* NULL: as many processes as descriptors; told by the entry that cannot be made. */
static __always_inline struct aa_used *descriptor_user(__u32 pid)
{
	struct aa_used *used = bpf_map_lookup_elem(&descriptor_users, &pid), first = {};

	if (used)
		return used;
	bpf_map_update_elem(&descriptor_users, &pid, &first, BPF_NOEXIST);
	return bpf_map_lookup_elem(&descriptor_users, &pid);
}

static __always_inline void note_used(__u32 pid, __u32 fd)
{
	struct aa_used *used = descriptor_user(pid);

	if (!used)
		return;
	__sync_fetch_and_add(&used->count, 1);
	if (fd & AA_FD_FIXED)
		raise_to(&used->highest_fixed, fd & ~AA_FD_FIXED);
	else
		raise_to(&used->highest, fd);
}

/* False: counted as lost. Otherwise there is an entry now, or was: another thread may be ending it. */
static __always_inline bool begin_descriptor(struct aa_descriptor_key *key, __u64 start, struct file *file)
{
	__u64 rules = state.rules; /* before they are asked: for those that come meanwhile it is asked again */
	/* nobody asked for the record: without it, the path of the totals is unreadable */
	struct aa_scratch *s =
		record_start(AA_DESCRIPTOR, sizeof(struct aa_file), speaker_of(bpf_get_current_task_btf()), false);
	struct aa_file *f;
	int error;

	if (!s) {
		count_loss(AA_LOST_NO_SCRATCH, true);
		return false;
	}
	s->entry = (struct aa_descriptor){.start = start,
					  .file = (__u64)file,
					  .dentry = (__u64)LOAD(struct file, file, f_path.dentry),
					  .generation = bpf_ktime_get_boot_ns()};
	set_owner(s, key->pid, start);
	f = file_record(s);
	f->fd = key->fd;
	f->size = s->entry.generation;
	f->place = AA_PLACE_FILE;
	add_file_path(s, &f->path, AA_FILE_PATH, file);
	if (cfg.has_rules && is_allowed(s))
		s->entry.allowed_by = rules;
	error = map_error(bpf_map_update_elem(&descriptors, key, &s->entry, BPF_NOEXIST));
	if (!error)
		note_used(key->pid, key->fd);
	if (error || s->entry.allowed_by)
		record_drop(s);
	else
		record_send(s);
	if (error && error != -EEXIST)
		count_loss(AA_LOST_MAP_FULL, true);
	return !error || error == -EEXIST;
}

/* Not of another file or process, nor of what rules allowed away that are no longer in force. */
static __always_inline bool is_of(const struct aa_descriptor *d, struct file *file, __u64 start)
{
	return d->file == (__u64)file && d->dentry == (__u64)LOAD(struct file, file, f_path.dentry) &&
	       d->start == start && (!d->allowed_by || d->allowed_by == state.rules);
}

/* What of a call has not come into an entry: another thread had taken the totals out. */
struct aa_rest {
	__u64 calls;
	__u64 bytes;
	__u64 generation; /* of that entry */
};

/* Adds a call to the entry of its descriptor. False: some of it remains. */
static __always_inline bool add_to(struct aa_descriptor *d, struct aa_rest *rest, bool written)
{
	rest->generation = d->generation ?: AA_NO_GENERATION;
	if (!(__sync_fetch_and_add(written ? &d->totals.writes : &d->totals.reads, rest->calls) & AA_ENDED))
		rest->calls = 0;
	if (!(__sync_fetch_and_add(written ? &d->totals.written_bytes : &d->totals.read_bytes, rest->bytes) & AA_ENDED))
		rest->bytes = 0;
	else
		return false;
	return !rest->calls;
}

/* A call that came too late for the line of its descriptor. */
static __noinline void send_late(struct aa_descriptor_key *key, __u64 start, const struct aa_rest *rest, bool written)
{
	struct aa_descriptor late = {.start = start, .generation = rest->generation};

	if (written)
		late.totals = (struct aa_totals){.writes = rest->calls, .written_bytes = rest->bytes};
	else
		late.totals = (struct aa_totals){.reads = rest->calls, .read_bytes = rest->bytes};
	send_io(key->pid, key->fd, AA_IO_CLOSED | AA_IO_LATE, &late);
}

/* A successful call of a process. `file` NULL: another thread has closed the descriptor while the call ran. An entry
 * under the same number for another file ends: its close was not seen (by another process with the same table). */
static __always_inline void count_transfer(struct aa_descriptor_key *key, __u64 start, struct file *file, __u64 bytes,
					   bool written)
{
	struct aa_descriptor *d = file ? bpf_map_lookup_elem(&descriptors, key) : NULL;
	struct aa_rest rest = {.calls = 1, .bytes = bytes};

	if (d && is_of(d, file, start)) {
		if (add_to(d, &rest, written) || d->allowed_by)
			return;
	} else if (file) {
		if (d)
			end_descriptor(key->pid, key->fd);
		if (!begin_descriptor(key, start, file))
			return;
		d = bpf_map_lookup_elem(&descriptors, key);
		rest.generation = AA_NO_GENERATION;
		/* otherwise another thread has ended the new entry, or not yet the old one */
		if (d && is_of(d, file, start) && (add_to(d, &rest, written) || d->allowed_by))
			return;
	} else if (!bytes) {
		return; /* a splice of nothing succeeds also where there is no descriptor */
	}
	send_late(key, start, &rest, written);
}

/* What a loop over the descriptors of the current process does. */
struct aa_sweep {
	__u32 pid;
	__u32 first;
	bool all; /* otherwise those that are closed, or open on something else, by now */
};

static long sweep_descriptor(__u32 index, struct aa_sweep *w)
{
	struct aa_descriptor_key key = {.pid = w->pid, .fd = w->first + index};
	struct aa_descriptor *d = bpf_map_lookup_elem(&descriptors, &key);
	struct aa_used *used;

	if (!d)
		return 0;
	if (w->all || d->file != (__u64)file_of(bpf_get_current_task_btf(), key.fd))
		end_descriptor(key.pid, key.fd);
	used = bpf_map_lookup_elem(&descriptor_users, &key.pid);
	return !used || !used->count;
}

/* The descriptors from `first` to `last`, both with AA_FD_FIXED or both without. */
static __noinline void sweep_descriptors(__u32 first, __u32 last, bool all)
{
	struct aa_sweep w = {.pid = process_id(bpf_get_current_task_btf()), .first = first, .all = all};
	struct aa_used *used = bpf_map_lookup_elem(&descriptor_users, &w.pid);
	__u32 highest;

	if (!used || !used->count)
		return;
	highest = first & AA_FD_FIXED ? AA_FD_FIXED | used->highest_fixed : used->highest;
	if (last > highest)
		last = highest;
	if (first > last)
		return;
	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_loop))
		bpf_loop(last - first + 1, sweep_descriptor, &w, 0);
	else
		for (__u64 i = 0; i < AA_SWEEP_UNLOOPED && i <= last - first && !sweep_descriptor(i, &w); i++)
			;
}

/* One descriptor, if its number means nothing, or another file, by now. */
static __always_inline void end_if_closed(struct task_struct *task, __u32 fd)
{
	struct aa_descriptor_key key = {.pid = process_id(task), .fd = fd};
	struct aa_descriptor *d = bpf_map_lookup_elem(&descriptors, &key);

	if (d && d->file != (__u64)file_of(task, fd))
		end_descriptor(key.pid, key.fd);
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

/* The process ends with descriptors open. */
static __always_inline void end_descriptors(__u32 pid)
{
	if (!asked_for(AA_IO, 0))
		return;
	sweep_descriptors(0, ~AA_FD_FIXED, true);
	sweep_descriptors(AA_FD_FIXED, ~0U, true);
	bpf_map_delete_elem(&descriptor_users, &pid);
}

#endif
