/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * io_uring. A request passes no system call of its own. When it is submitted the kernel has copied its names, and when
 * it completes its result is known, perhaps in another thread: names are sent at once, the result after, and user space
 * puts both together. Reads and writes are counted at completion.
 */
#ifndef AA_URING_BPF_H
#define AA_URING_BPF_H

#include "pending.bpf.h"

/* Sends what is known of a request. False: it was lost and counted, and nobody waits for its result. */
static __always_inline bool send_request(struct io_kiocb *req, enum aa_kind kind, __u8 opcode, bool no_result)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct aa_scratch *s = record_start(kind, sizeof(struct aa_file), speaker_of(task), true);
	struct aa_file *f;

	if (!s)
		return false;
	f = file_record(s);
	f->header.flags |= AA_URING;
	f->header.tid = thread_id(task);
	f->marks = no_result ? AA_FILE_NO_RESULT : AA_FILE_PENDING;
	f->offset = (__s64)req;
	fill_request(s, as_number(s, req), opcode);
	return record_send(s);
}

static __always_inline void fill_transfer(struct aa_request *r, struct io_kiocb *req)
{
	__u32 fd = request_fd(req), flags;

	if (r->opcode != IORING_OP_SPLICE) {
		r->from = r->to = fd;
		r->from_offset = r->to_offset = REQUEST(io_rw, kiocb.ki_pos);
		return;
	}
	flags = REQUEST(io_splice, flags);
	r->from = REQUEST(io_splice, splice_fd_in) | (flags & SPLICE_F_FD_IN_FIXED ? AA_FD_FIXED : 0);
	r->to = fd;
	r->from_offset = REQUEST(io_splice, off_in);
	r->to_offset = REQUEST(io_splice, off_out);
}

/* An open is told when its result is handed over. By then a request of the same batch may have closed the number, and
 * another one opened it anew. */
static __always_inline void note_freed(struct io_kiocb *req, enum aa_kind kind)
{
	struct aa_descriptor_key key = {.pid = process_id(bpf_get_current_task_btf())};
	__u32 slot = kind == AA_OPEN ? REQUEST(io_open, file_slot) : 0;
	__u64 now = bpf_ktime_get_boot_ns();

	if (kind == AA_CLOSE)
		key.fd = closing_fd(req);
	else if (slot && slot != IORING_FILE_INDEX_ALLOC)
		key.fd = (slot - 1) | AA_FD_FIXED;
	else
		return;
	bpf_map_update_elem(&freed, &key, &now, BPF_ANY);
}

static __always_inline bool was_freed(const struct aa_request *r, __u32 number)
{
	struct aa_descriptor_key key = {.pid = r->header.pid, .fd = number};
	__u64 *time = bpf_map_lookup_elem(&freed, &key);

	return time && *time > r->header.time;
}

static __always_inline void on_uring_submit(struct io_kiocb *req)
{
	struct task_struct *speaker = marked_speaker_of(bpf_get_current_task_btf());
	struct aa_request r = {};
	__u64 key = request_number(req);
	enum aa_kind kind;
	bool no_result;

	/* first: after the kinds the verifier would look at it once for each of them */
	if (!is_watched(speaker))
		return;
	r.opcode = REQUEST(io_kiocb, opcode);
	r.ring = ring_of(req);
	r.user_data = REQUEST(io_kiocb, cqe.user_data);
	kind = request_kind(r.opcode, REQUEST(io_unlink, flags));
	if (cfg.kinds & 1U << AA_OPEN)
		note_freed(req, kind);
	if (!request_is_asked(kind))
		return;
	no_result = REQUEST(io_kiocb, flags) & REQ_F_CQE_SKIP;
	if (kind == AA_READ)
		fill_transfer(&r, req);
	else if (kind == AA_CLOSE)
		r.from = closing_fd(req);
	else if (kind == AA_OPEN)
		r.from = REQUEST(io_open, file_slot);
	else if (acts_on_file(r.opcode))
		r.from = request_fd(req);
	if (kind == AA_CLOSE)
		r.told = asked_for(AA_CLOSE, 0) && may_count(r.ring, r.from);
	else
		r.told = kind != AA_READ;
	if (no_result && kind == AA_READ && transfer_may_count(&r))
		count_loss(AA_LOST_NO_RESULT, true);
	fill_header(&r.header, kind, speaker);
	/* first: one that cannot be followed would wait for its result for ever */
	if (!no_result && !enter_request(&r, key))
		return;
	if (r.told && !send_request(req, kind, r.opcode, no_result) && !no_result)
		forget_request(key, true);
}

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
	if (file) {
		f->place = AA_PLACE_FILE;
		add_file_path(s, &f->path, AA_FILE_PATH, file);
	}
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
		file_record(s)->place = AA_PLACE_FILE;
		file_record(s)->marks = AA_FILE_ORPHAN;
		add_file_path(s, &file_record(s)->path, AA_FILE_PATH, file);
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

/* One side of a request that reads or writes. */
__noinline int complete_transfer(struct aa_request *r, __u64 request, bool written, long result)
{
	enum aa_kind kind = written ? AA_WRITE : AA_READ;
	struct io_kiocb *req = (struct io_kiocb *)request;
	struct file *file;
	__u32 fd;

	if (!r)
		return 0;
	fd = written ? r->to : r->from;
	file = request_file(req, r, fd);
	if (file && !counts(file))
		return 0;
	if (asked_for(AA_IO, 0) && !is_error(result) && process_id(bpf_get_current_task_btf()) != r->header.pid) {
		count_orphan(r, fd, file, result, written);
	} else if (asked_for(AA_IO, 0) && !is_error(result)) {
		struct aa_descriptor_key key = {.pid = r->header.pid, .fd = counted_number(req, r, fd)};

		count_transfer(&key, r->header.start, file, result, written);
	}
	if (asked_for(kind, is_error(result) ? result : 0))
		send_request_call(kind, req, r, fd, written ? r->to_offset : r->from_offset, file, result);
	return 0;
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

static __always_inline void add_request_opened(struct aa_scratch *s, struct io_kiocb *req, const struct aa_request *r,
					       __u32 result)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u32 slot = r->from == IORING_FILE_INDEX_ALLOC ? result : r->from - 1;

	if (was_freed(r, r->from ? slot | AA_FD_FIXED : result))
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
	struct aa_file *f = file_record(s);
	struct file *file;

	if (r->header.kind == AA_OPEN) {
		if (!is_error(result))
			add_request_opened(s, req, r, result);
		return;
	}
	if (!acts_on_file(r->opcode))
		return;
	file = request_file(req, r, r->from);
	if (!file)
		return;
	f->place = AA_PLACE_FILE;
	add_file_path(s, &f->path, AA_FILE_PATH, file);
}

__noinline int send_result(struct aa_request *r, __u64 request, long result)
{
	struct aa_scratch *s;

	if (!r || !asked_for(r->header.kind, is_error(result) ? result : 0))
		return 0;
	s = result_start(AA_RESULT, sizeof(struct aa_file), r);
	if (!s)
		return 0;
	file_record(s)->fd = -1;
	file_record(s)->error = is_error(result) ? result : 0;
	file_record(s)->offset = request;
	add_result_file(s, (struct io_kiocb *)request, r, result);
	record_send(s);
	return 0;
}

static __always_inline void on_uring_complete(struct io_kiocb *req, long result)
{
	__u64 key = (__u64)req;
	struct aa_request *found = bpf_map_lookup_elem(&requests, &key), r;

	if (!found)
		return;
	r = *found;
	if (!leave_request(&r, key))
		return;
	switch (r.header.kind) {
	case AA_READ:
		if (reads(r.opcode))
			complete_transfer(&r, key, false, result);
		if (writes(r.opcode))
			complete_transfer(&r, key, true, result);
		return;
	case AA_CLOSE:
		if (r.told && !is_error(result))
			send_result(&r, key, result);
		complete_close(req, &r, result);
		return;
	default:
		send_result(&r, key, result);
	}
}

/* The kernel cancels what hangs on a request that failed. Where the program wanted no result of that one, it does not
 * tell of the others either. */
static __always_inline void on_uring_fail_link(struct io_kiocb *link)
{
	on_uring_complete((struct io_kiocb *)request_number(link), -ECANCELED);
}

#endif
