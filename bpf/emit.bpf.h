/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * Building a record in scratch memory and handing it to the ring buffer. Whatever goes wrong is counted.
 */
#ifndef AA_EMIT_BPF_H
#define AA_EMIT_BPF_H

#include "load.bpf.h"
#include "maps.bpf.h"
#include "task.bpf.h"

static __always_inline void count_loss(enum aa_loss reason, bool asked)
{
	if (asked)
		__sync_fetch_and_add(&state.lost[reason], 1);
	else
		__sync_fetch_and_add(&state.unseen, 1);
}

/* What a map operation returned. Before 6.4 these functions of the kernel return an int, and the verifier calls them
 * directly: the upper half of the register is not theirs. */
static __always_inline int map_error(long result)
{
	return (int)result;
}

static __always_inline struct aa_scratch *scratch_try(__u32 slot)
{
	struct aa_scratch *s = bpf_map_lookup_elem(&scratches, &slot);

	if (!s || __sync_lock_test_and_set(&s->busy, 1))
		return NULL;
	s->slot = slot;
	return s;
}

/* Tracepoint programs are not preempted up to 6.18, so the CPU's own slot is free there; where they can be preempted
 * another program may find it in use and takes a spare one. */
static __always_inline struct aa_scratch *scratch_take(void)
{
	struct aa_scratch *s = scratch_try(bpf_get_smp_processor_id());

	for (__u64 i = 0; !s && i < AA_SPARE_SLOTS; i++)
		s = scratch_try(cfg.cpus + i);
	return s;
}

static __always_inline bool asked_for(enum aa_kind kind, long error)
{
	return cfg.kinds & aa_kind_bit(kind) && cfg.outcomes & (error ? AA_FAILED : AA_SUCCEEDED);
}

/* Two loads where they can be had: a helper costs more. */
static __always_inline void copy_comm(struct aa_header *h, const struct task_struct *task)
{
	if (cfg.typed_loads) {
		const __u64 *from = (const __u64 *)TYPED(const struct task_struct, task)->comm;
		__u64 *to = (__u64 *)h->comm;

		to[0] = from[0];
		to[1] = from[1];
	} else {
		bpf_probe_read_kernel(h->comm, sizeof h->comm, task->comm);
	}
}

static __always_inline void fill_header(struct aa_header *h, enum aa_kind kind, struct task_struct *task)
{
	const struct cred *cred = LOAD(const struct task_struct, task, cred);

	h->kind = kind;
	h->flags = 0;
	h->cut = 0;
	h->unreadable = 0;
	h->time = bpf_ktime_get_boot_ns();
	h->start = process_start(task);
	h->pid = process_id(task);
	h->tid = thread_id(task);
	h->ppid = parent_id(task);
	h->uid = LOAD(const struct cred, cred, euid.val);
	h->gid = LOAD(const struct cred, cred, egid.val);
	h->exec_id = LOAD(const struct task_struct, task, self_exec_id);
	copy_comm(h, task);
}

static __always_inline struct aa_file *file_record(struct aa_scratch *s)
{
	return (struct aa_file *)s->record;
}

/* Starts a record of `size` fixed bytes about the current process; `task` is one of its threads. Each one must go to
 * record_send(). NULL: counted. */
static __always_inline struct aa_scratch *record_start(enum aa_kind kind, __u32 size, struct task_struct *task,
						       bool asked)
{
	struct aa_scratch *s = scratch_take();

	if (!s) {
		count_loss(AA_LOST_NO_SCRATCH, asked);
		return NULL;
	}
	s->size = size;
	__builtin_memset(s->record + sizeof(struct aa_header), 0, size - sizeof(struct aa_header));
	fill_header((struct aa_header *)s->record, kind, task);
	if (!asked)
		((struct aa_header *)s->record)->flags |= AA_UNASKED;
	return s;
}

/* A napping reader is woken when much has come together, an idle one by the first record. One of those who find it
 * asleep rings: the reader is busy for the others.
 * A global function: the verifier looks at it once. */
__noinline int ring_bell(__u32 reader)
{
	__u64 nothing = 0;

	if (reader == AA_READER_NAPPING && bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) < cfg.wake_bytes)
		return 0;
	if (!__sync_lock_test_and_set(&state.reader, AA_READER_BUSY))
		return 0;
	/* refused: the next record tries again */
	if (bpf_ringbuf_output(&bell, &nothing, sizeof nothing, BPF_RB_FORCE_WAKEUP))
		__sync_lock_test_and_set(&state.reader, reader);
	return 0;
}

/* After a record: a wake-up costs eight times as much as that. Its commit was a full barrier (the xchg() in
 * bpf_ringbuf_commit(), kernel/bpf/ringbuf.c), as there is one between the reader's announcement and its last look into
 * the ring: either this sees the announcement, or the reader sees the record. tests/model/wakeup.pml is about this. */
static __always_inline void wake_reader(void)
{
	__u32 reader = *(volatile __u32 *)&state.reader;

	if (reader != AA_READER_BUSY)
		ring_bell(reader);
}

/* False: counted. */
static __always_inline bool record_send(struct aa_scratch *s)
{
	struct aa_header *h = (struct aa_header *)s->record;
	__u32 size = (s->size + 7) & ~7U;
	bool asked = !(h->flags & AA_UNASKED), sent = false;

	h->size = s->size;
	/* one that fills the buffer never fits: its positions would be equal again (kernel/bpf/ringbuf.c) */
	if (size > AA_RECORD_MAX || size + BPF_RINGBUF_HDR_SZ >= cfg.ring_bytes)
		count_loss(AA_LOST_TOO_BIG, asked);
	else if (bpf_ringbuf_output(&events, s->record, size, BPF_RB_NO_WAKEUP))
		count_loss(AA_LOST_RING_FULL, asked);
	else
		sent = true;
	wake_reader();
	__sync_lock_test_and_set(&s->busy, 0);
	return sent;
}

/* For what the rules suppress. */
static __always_inline void record_drop(struct aa_scratch *s)
{
	__sync_lock_test_and_set(&s->busy, 0);
}

/* An address that the verifier takes for a number: the arguments of global functions must be. */
static __always_inline __u64 as_number(struct aa_scratch *s, const void *address)
{
	s->plain = (__u64)address;
	return *(volatile __u64 *)&s->plain;
}

static __always_inline void mark_cut(struct aa_scratch *s, __u32 string)
{
	((struct aa_header *)s->record)->cut |= 1U << string;
}

static __always_inline void mark_unreadable(struct aa_scratch *s, __u32 string)
{
	((struct aa_header *)s->record)->unreadable |= 1U << string;
}

/* The free end of the record. */
static __always_inline char *record_end(struct aa_scratch *s)
{
	return s->record + (s->size & (AA_RECORD_MAX - 1));
}

static __always_inline void take_span(struct aa_scratch *s, struct aa_span *span, __u32 length)
{
	span->offset = s->size;
	span->length = length;
	s->size += length;
}

/* Takes the string of `length` bytes with its NUL (what a bpf_probe_read_*_str returned) at the record's end. */
static __always_inline void take_string(struct aa_scratch *s, struct aa_span *span, __u32 string, long length)
{
	if (length < 0) {
		mark_unreadable(s, string);
		return;
	}
	if (length > AA_PATH_MAX) {
		mark_cut(s, string);
		length = AA_PATH_MAX;
	}
	take_span(s, span, length - 1);
}

/* Copies a string and its NUL; returns the length of both, or a negative errno. */
static __always_inline long read_user_string(char *to, __u32 size, __u64 address)
{
	long length = bpf_probe_read_user_str(to, size, (const void *)address);

	if (length)
		return length;
	/* the empty string, before 6.14 or so: strncpy_from_user_nofault() did not count its NUL */
	*to = 0;
	return 1;
}

static __always_inline void add_user_string(struct aa_scratch *s, struct aa_span *span, __u32 string, __u64 address)
{
	/* one byte more than fits tells a cut string from one of just the greatest length */
	take_string(s, span, string, read_user_string(record_end(s), AA_PATH_MAX + 1, address));
}

static __always_inline void add_kernel_string(struct aa_scratch *s, struct aa_span *span, __u32 string,
					      const char *address)
{
	take_string(s, span, string, bpf_probe_read_kernel_str(record_end(s), AA_PATH_MAX + 1, address));
}

#endif
