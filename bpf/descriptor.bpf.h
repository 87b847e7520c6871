/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * What went through each descriptor of a process: an entry begins with the first read or write, which is when the path
 * is reported, and ends with the descriptor, which is when the totals are.
 */
#ifndef AA_DESCRIPTOR_BPF_H
#define AA_DESCRIPTOR_BPF_H

#include "file.bpf.h"
#include "used.bpf.h"

#define AA_ADD_RETRIES 16 /* to add to a total against other threads; then the call is told for itself */

/* Records of io are of the process whose descriptor it is, also where another one ends it (io_uring's workers). */
static __always_inline void set_owner(struct aa_scratch *s, __u32 pid, __u64 start)
{
	struct aa_header *h = (struct aa_header *)s->record;

	h->pid = pid;
	h->start = start;
}

static __always_inline void send_io(const struct aa_descriptor_key *key, __u32 marks, const struct aa_descriptor *d)
{
	struct aa_scratch *s = record_start(AA_IO, sizeof(struct aa_io), speaker_of(bpf_get_current_task_btf()), true);
	struct aa_io *io;

	if (!s)
		return;
	set_owner(s, key->pid, d->start);
	io = (struct aa_io *)s->record;
	io->fd = key->fd;
	io->marks = marks;
	io->generation = d->generation;
	io->table = key->table;
	io->totals = d->totals;
	record_send(s);
}

static __always_inline __u64 take_total(__u64 *total)
{
	return __sync_lock_test_and_set(total, AA_ENDED) & AA_COUNT;
}

/* The number is not counted any more. Before its entry goes: a new one under it sets the bit after it was made.
 * The bit goes first, then the count goes down: note_used() the other way round, for its reason. */
static __always_inline void note_unused(const struct aa_descriptor_key *key)
{
	struct aa_table_key table = table_key(key);
	struct aa_used *used = bpf_map_lookup_elem(&descriptor_users, &table);
	__u32 number = key->fd & ~AA_FD_FIXED;
	struct aa_node *node;

	if (!used)
		return;
	node = node_of(used, &table, 0, number);
	if (node)
		clear_bit(node, number & AA_NODE_MASK);
	__sync_fetch_and_add(&used->count, -1);
}

/* The descriptor's number means nothing, or another file, from now on. Other threads may be adding to the entry, or be
 * ending it too: one of them gets it, and what is added after it took the totals goes by send_late().
 * A global function: the verifier looks at it once. */
__noinline int end_entry(struct aa_descriptor_key *to_end)
{
	struct aa_descriptor_key key;
	struct aa_descriptor *d, last;

	if (!to_end)
		return 0;
	key = *to_end;
	d = bpf_map_lookup_elem(&descriptors, &key);
	if (!d)
		return 0;
	last = *d;
	if (!last.generation || __sync_val_compare_and_swap(&d->generation, last.generation, 0) != last.generation)
		return 0; /* another thread was faster */
	last.totals.reads = take_total(&d->totals.reads);
	last.totals.read_bytes = take_total(&d->totals.read_bytes);
	last.totals.writes = take_total(&d->totals.writes);
	last.totals.written_bytes = take_total(&d->totals.written_bytes);
	note_unused(&key);
	bpf_map_delete_elem(&descriptors, &key);
	if (!last.suppressed_by)
		send_io(&key, AA_IO_CLOSED | (last.unverified ? AA_IO_UNVERIFIED : 0), &last);
	return 0;
}

/* Of the current process. */
static __always_inline void end_descriptor(__u32 pid, __u32 fd)
{
	struct aa_descriptor_key key = {.pid = pid, .fd = fd, .table = table_of(bpf_get_current_task_btf(), fd)};

	end_entry(&key);
}

/* NULL: as many tables as descriptors; told by the entry that cannot be made. */
static __always_inline struct aa_used *table_user(struct aa_table_key *key)
{
	struct aa_used *used = bpf_map_lookup_elem(&descriptor_users, key);

	if (used)
		return used;
	bpf_map_update_elem(&descriptor_users, key, &none_used, BPF_NOEXIST);
	return bpf_map_lookup_elem(&descriptor_users, key);
}

/* Of the tables of a process's io_urings. */
static __always_inline struct aa_used *descriptor_user(__u32 pid)
{
	struct aa_table_key key = {.pid = pid};

	return table_user(&key);
}

/* Room for the number among those that are counted. */
static __always_inline bool can_note(const struct aa_descriptor_key *key)
{
	struct aa_table_key table = table_key(key);
	struct aa_used *used = table_user(&table);

	return used && make_nodes(used, &table, key->fd & ~AA_FD_FIXED);
}

/* The count goes up first, then the bit is set. A look on another CPU takes a count of 0 for "nothing is there" and
 * leaves the bits alone: at no time may there be more bits than the count says. Too high a count costs a look in vain.
 */
static __always_inline void note_used(const struct aa_descriptor_key *key)
{
	struct aa_table_key table = table_key(key);
	struct aa_used *used = bpf_map_lookup_elem(&descriptor_users, &table);
	__u32 number = key->fd & ~AA_FD_FIXED;
	struct aa_node *node;

	if (!used)
		return;
	__sync_fetch_and_add(&used->count, 1);
	node = node_of(used, &table, 0, number);
	if (node)
		set_bit(node, number & AA_NODE_MASK);
}

static __always_inline __u64 total_mark(__u64 generation)
{
	return generation << AA_COUNT_BITS & ~AA_ENDED;
}

/* Has another thread closed the descriptor of the current process since it was looked up? What a request of io_uring
 * holds cannot have gone, whatever stands under its number by now. */
static __always_inline bool is_replaced(const struct aa_descriptor_key *key, struct file *file, bool held)
{
	return !held && !(key->fd & AA_FD_FIXED) && file_of(bpf_get_current_task_btf(), key->fd) != file;
}

/* False: counted as lost. Otherwise there is an entry now, or was, or its file has gone: another thread may be ending
 * it. */
static __always_inline bool begin_descriptor(struct aa_descriptor_key *key, __u64 start, struct file *file, bool held)
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
	s->entry.totals.reads = s->entry.totals.read_bytes = total_mark(s->entry.generation);
	s->entry.totals.writes = s->entry.totals.written_bytes = total_mark(s->entry.generation);
	set_owner(s, key->pid, start);
	f = file_record(s);
	f->fd = key->fd;
	f->size = s->entry.generation;
	f->offset = key->table;
	add_file(s, file);
	if (cfg.has_rules && is_suppressed(s))
		s->entry.suppressed_by = rules;
	/* the path may be that of another file, which has the memory of this one by now */
	if (is_replaced(key, file, held)) {
		record_drop(s);
		return true;
	}
	error = can_note(key) ? map_error(bpf_map_update_elem(&descriptors, key, &s->entry, BPF_NOEXIST)) : -ENOMEM;
	if (!error)
		note_used(key);
	if (error)
		record_drop(s);
	else if (s->entry.suppressed_by)
		drop_suppressed(s);
	else
		record_send(s);
	if (error && error != -EEXIST)
		count_loss(AA_LOST_MAP_FULL, true);
	return !error || error == -EEXIST;
}

/* Not of another file or process, nor of what rules suppressed that are no longer in force. */
static __always_inline bool is_of(const struct aa_descriptor *d, struct file *file, __u64 start)
{
	return d->file == (__u64)file && d->dentry == (__u64)LOAD(struct file, file, f_path.dentry) &&
	       d->start == start && (!d->suppressed_by || d->suppressed_by == state.rules);
}

/* What of a call has not come into an entry: another thread had taken the totals out. */
struct aa_rest {
	__u64 calls;
	__u64 bytes;
	__u64 generation; /* of that entry */
};

/* False: it is another entry's by now, or was taken out, or has no room; or other threads were faster each time. */
static __always_inline bool add_total(__u64 *total, __u64 mark, __u64 amount)
{
	for (__u64 i = 0; i < AA_ADD_RETRIES; i++) {
		__u64 now = *(volatile __u64 *)total;

		if ((now & ~AA_COUNT) != mark || (now & AA_COUNT) + amount > AA_COUNT)
			return false;
		if (__sync_val_compare_and_swap(total, now, now + amount) == now)
			return true;
	}
	return false;
}

/* Adds a call to the entry that the caller found to be of its file after it read the generation. What has the mark of
 * that generation is still this entry, whatever its memory became meanwhile. False: some of the call remains.
 * A global function: the verifier looks at it once. */
__noinline int add_to(struct aa_descriptor *d, __u64 generation, struct aa_rest *rest, bool written)
{
	__u64 mark = total_mark(generation);

	if (!d || !rest)
		return false;
	rest->generation = generation ?: AA_NO_GENERATION;
	if (add_total(written ? &d->totals.writes : &d->totals.reads, mark, rest->calls))
		rest->calls = 0;
	if (add_total(written ? &d->totals.written_bytes : &d->totals.read_bytes, mark, rest->bytes))
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
	send_io(key, AA_IO_CLOSED | AA_IO_LATE, &late);
}

/* A successful call of the current process. `file` NULL: another thread has closed the descriptor while the call ran.
 * An entry under the same number for another file ends: its close was not seen (by another process with the same
 * table). `held`: the file cannot go while it is looked at.
 */
static __always_inline void count_transfer(struct aa_descriptor_key *key, __u64 start, struct file *file, bool held,
					   __u64 bytes, bool written)
{
	struct aa_rest rest = {.calls = 1, .bytes = bytes};
	struct aa_descriptor *d = NULL;
	__u64 generation = 0;

	key->table = table_of(bpf_get_current_task_btf(), key->fd);
	if (file)
		d = bpf_map_lookup_elem(&descriptors, key);
	if (d)
		generation = *(volatile __u64 *)&d->generation;
	if (d && is_of(d, file, start)) {
		if (add_to(d, generation, &rest, written) || d->suppressed_by)
			return;
	} else if (file) {
		if (d)
			end_entry(key);
		if (!begin_descriptor(key, start, file, held))
			return;
		d = bpf_map_lookup_elem(&descriptors, key);
		rest.generation = AA_NO_GENERATION;
		if (d)
			generation = *(volatile __u64 *)&d->generation;
		/* otherwise another thread has ended the new entry, or not yet the old one */
		if (d && is_of(d, file, start) && (add_to(d, generation, &rest, written) || d->suppressed_by))
			return;
	} else if (!bytes) {
		return; /* a splice of nothing succeeds also where there is no descriptor */
	}
	send_late(key, start, &rest, written);
}

/* Of a number that is counted: ended, if it is closed, or open on something else, by now. */
static __always_inline void end_if_gone(struct aa_descriptor_key *key, bool gone)
{
	struct aa_descriptor *d = bpf_map_lookup_elem(&descriptors, key);

	if (d && (gone || d->file != (__u64)file_of(bpf_get_current_task_btf(), key->fd)))
		end_entry(key);
}

#endif
