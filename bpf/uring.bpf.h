/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * io_uring: a request that has ended. Its result is known, perhaps in another thread than that which submitted it
 * (uring_submit.bpf.h). Reads and writes are counted here.
 */
#ifndef AA_URING_BPF_H
#define AA_URING_BPF_H

#include "pending.bpf.h"

/* A record about a request, from the thread in which it completes; that may be one of the kernel's own. */
static __always_inline struct aa_scratch *result_start(enum aa_kind kind, __u32 size, const struct aa_request *r)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct aa_scratch *s = record_start(kind, size, task, true);
	struct aa_header *h;
	__u64 time;

	if (!s)
		return NULL;
	h = (struct aa_header *)s->record;
	time = h->time;
	*h = r->header;
	h->kind = kind;
	h->flags = AA_URING;
	h->time = time;
	if (process_id(task) == h->pid)
		h->tid = thread_id(task);
	return s;
}

/* The file that a request acts on. The request itself has it once it has run, but not the source of a splice. NULL:
 * there is none. */
static __always_inline struct file *request_file(struct io_kiocb *req, const struct aa_request *r, __u32 fd)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct file *file = r->opcode != IORING_OP_SPLICE || fd == r->to ? REQUEST(io_kiocb, file) : NULL;

	if (file)
		return file;
	if (fd & AA_FD_FIXED)
		return slot_file(r->ring, fd & ~AA_FD_FIXED);
	return process_id(task) == r->header.pid ? file_of(task, fd) : NULL;
}

static __always_inline void send_request_call(enum aa_kind kind, struct io_kiocb *req, const struct aa_request *r,
					      __u32 fd, __s64 offset, struct file *file, long result)
{
	struct aa_scratch *s = result_start(kind, sizeof(struct aa_file), r);
	struct aa_file *f;

	if (!s)
		return;
	f = file_record(s);
	f->error = is_error(result) ? result : 0;
	f->fd = fd;
	f->size = result;
	f->offset = offset;
	if (offset != -1)
		f->marks |= AA_FILE_POSITIONED;
	if (file)
		add_file(s, file);
	record_send(s);
}

/* A request that completes in a thread of the kernel's own, because its process is gone. Its descriptors may be going
 * in this moment: it has totals for itself. */
static __always_inline void count_orphan(const struct aa_request *r, __u32 fd, struct file *file, __u64 bytes,
					 bool written)
{
	__u64 generation = bpf_ktime_get_boot_ns();
	struct aa_scratch *s = result_start(AA_DESCRIPTOR, sizeof(struct aa_file), r);
	struct aa_io *io;

	if (s) {
		file_record(s)->header.flags = AA_UNASKED;
		file_record(s)->fd = fd;
		file_record(s)->size = generation;
		file_record(s)->marks = AA_FILE_ORPHAN;
		add_file(s, file);
		record_send(s);
	}
	s = result_start(AA_IO, sizeof(struct aa_io), r);
	if (!s)
		return;
	io = (struct aa_io *)s->record;
	io->header.flags = 0;
	io->fd = fd;
	io->marks = AA_IO_CLOSED | AA_IO_ORPHAN;
	io->generation = generation;
	if (written)
		io->totals = (struct aa_totals){.writes = 1, .written_bytes = bytes};
	else
		io->totals = (struct aa_totals){.reads = 1, .read_bytes = bytes};
	record_send(s);
}

/* What a descriptor, or a slot, is counted under. */
static __always_inline __u32 counted_number(struct io_kiocb *req, const struct aa_request *r, __u32 fd)
{
	struct aa_slot_key key = {
		.ring = r->ring, .start = r->header.start, .pid = r->header.pid, .slot = fd & ~AA_FD_FIXED};
	struct aa_used *used;
	__u32 *known, number;

	if (!(fd & AA_FD_FIXED))
		return fd;
	known = bpf_map_lookup_elem(&slots, &key);
	if (known)
		return *known;
	used = descriptor_user(r->header.pid);
	if (!used)
		return fd;
	number = AA_FD_FIXED | (__u32)(__sync_fetch_and_add(&used->highest_fixed, 1) + 1);
	bpf_map_update_elem(&slots, &key, &number, BPF_NOEXIST);
	known = bpf_map_lookup_elem(&slots, &key);
	return known ? *known : number; /* another thread's, if it was faster */
}

/* One side of a request that reads or writes, where single calls are asked for.
 * A global function: the verifier looks at it once. */
__noinline int tell_transfer(struct aa_request *r, __u64 request, bool written, long result)
{
	struct io_kiocb *req = (struct io_kiocb *)request;
	struct file *file;
	__u32 fd;

	if (!r || !asked_for(written ? AA_WRITE : AA_READ, is_error(result) ? result : 0))
		return 0;
	fd = written ? r->to : r->from;
	file = request_file(req, r, fd);
	if (!file || counts(file))
		send_request_call(written ? AA_WRITE : AA_READ, req, r, fd, written ? r->to_offset : r->from_offset,
				  file, result);
	return 0;
}

/* The same, where they are counted. */
__noinline int complete_transfer(struct aa_request *r, __u64 request, bool written, long result)
{
	struct io_kiocb *req = (struct io_kiocb *)request;
	struct file *file;
	__u32 fd;

	if (!r)
		return 0;
	fd = written ? r->to : r->from;
	file = request_file(req, r, fd);
	if (!asked_for(AA_IO, 0) || is_error(result) || (file && !counts(file))) {
		/* nothing to count */
	} else if (process_id(bpf_get_current_task_btf()) != r->header.pid) {
		count_orphan(r, fd, file, result, written);
	} else {
		struct aa_descriptor_key key = {.pid = r->header.pid, .fd = counted_number(req, r, fd)};

		count_transfer(&key, r->header.start, file, file == REQUEST(io_kiocb, file), result, written);
	}
	return 0;
}

/* Not one below the other: the verifier adds up their stacks. */
static __always_inline void end_transfer(struct aa_request *r, __u64 request, bool written, long result)
{
	complete_transfer(r, request, written, result);
	tell_transfer(r, request, written, result);
}

static __always_inline void complete_close(struct io_kiocb *req, const struct aa_request *r, long result)
{
	struct task_struct *task = bpf_get_current_task_btf();

	if (process_id(task) != r->header.pid)
		return;
	if (!(r->from & AA_FD_FIXED))
		end_if_closed(task, r->from);
	else if (!is_error(result))
		end_descriptor(r->header.pid, counted_number(req, r, r->from));
}

/* Of the requests that ran in this go of the kernel, under the ring's lock, the latest whose result has not been handed
 * over. NULL: there is none. */
static __always_inline struct io_wq_work_node *last_done(__u64 address)
{
	struct io_ring_ctx *ring = (struct io_ring_ctx *)address;

	if (!bpf_core_field_exists(ring->submit_state.compl_reqs.last) ||
	    !LOAD(struct io_ring_ctx, ring, submit_state.compl_reqs.first))
		return NULL;
	return LOAD(struct io_ring_ctx, ring, submit_state.compl_reqs.last);
}

/* The ring's lock is held since the request ran, and no other has run since. One of those that the kernel's own threads
 * run has never just run. */
static __always_inline bool has_just_run(struct io_kiocb *req)
{
	struct io_wq_work_node *last = last_done(ring_of(req));

	return last && HOLDER_OF(last, struct io_kiocb, comp_list) == req;
}

static __always_inline void add_request_opened(struct aa_scratch *s, struct io_kiocb *req, const struct aa_request *r,
					       __u32 result)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u32 slot = r->from == IORING_FILE_INDEX_ALLOC ? result : r->from - 1;

	/* the table of the ring cannot change since the open ran, that of the process by its other threads */
	if (!has_just_run(req) || (!r->from && shares_descriptors(task)))
		file_record(s)->marks |= AA_FILE_DOUBTFUL;
	if (r->from)
		add_opened_file(s, slot_file(r->ring, slot));
	else if (process_id(task) == r->header.pid)
		add_opened(s, task, result);
}

/* What was not known when the request was submitted: the file that was opened; the one that a descriptor stood for. */
static __always_inline void add_result_file(struct aa_scratch *s, struct io_kiocb *req, const struct aa_request *r,
					    long result)
{
	struct file *file;

	if (r->header.kind == AA_OPEN) {
		if (!is_error(result))
			add_request_opened(s, req, r, result);
		return;
	}
	if (!acts_on_file(r->opcode))
		return;
	file = request_file(req, r, r->from);
	if (file)
		add_file(s, file);
}

/* Also where nobody asks how it ended: the record of the request waits for it. A close that failed closed nothing. */
__noinline int send_result(struct aa_request *r, __u64 request, long result)
{
	struct aa_scratch *s;
	bool asked;

	if (!r)
		return 0;
	asked = asked_for(r->header.kind, is_error(result) ? result : 0) &&
		!(r->header.kind == AA_CLOSE && is_error(result));
	s = result_start(AA_RESULT, sizeof(struct aa_file), r);
	if (!s)
		return 0;
	if (!asked)
		((struct aa_header *)s->record)->flags |= AA_UNASKED;
	file_record(s)->fd = -1;
	file_record(s)->error = is_error(result) ? result : 0;
	file_record(s)->offset = request;
	add_result_file(s, (struct io_kiocb *)request, r, result);
	record_send(s);
	return 0;
}

/* Tells a request that has ended, once. Of one that is not followed nothing.
 * A global function: the verifier looks at it once. */
__noinline int finish_request(__u64 key, long result)
{
	struct aa_request *found = bpf_map_lookup_elem(&requests, &key), r;

	if (!found)
		return 0;
	r = *found;
	if (!drop_request(key, AA_DROP_TOLD))
		return 0;
	switch (r.header.kind) {
	case AA_READ:
		if (reads(r.opcode))
			end_transfer(&r, key, false, result);
		if (writes(r.opcode))
			end_transfer(&r, key, true, result);
		return 0;
	case AA_CLOSE:
		if (r.told)
			send_result(&r, key, result);
		complete_close((struct io_kiocb *)key, &r, result);
		return 0;
	default:
		send_result(&r, key, result);
		return 0;
	}
}

static __always_inline void on_uring_complete(struct io_kiocb *req, long result)
{
	finish_request(request_number(req), result);
}

/* The kernel cancels what hangs on a request that failed. Where the program wanted no result of that one, it does not
 * tell of the others either. */
static __always_inline void on_uring_fail_link(struct io_kiocb *link)
{
	__u64 key = request_number(link);
	struct aa_request *found = bpf_map_lookup_elem(&requests, &key), r;

	if (!found)
		return;
	r = *found;
	if (!drop_request(key, AA_DROP_TOLD))
		return;
	/* as finish_request(), which the verifier would look at again: nothing is counted, and nothing closed */
	if (r.header.kind != AA_READ) {
		if (r.header.kind != AA_CLOSE || r.told)
			send_result(&r, key, -ECANCELED);
		return;
	}
	if (reads(r.opcode))
		tell_transfer(&r, key, false, -ECANCELED);
	if (writes(r.opcode))
		tell_transfer(&r, key, true, -ECANCELED);
}

#endif
