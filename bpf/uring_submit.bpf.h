/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * io_uring: a request that is about to run. It passes no system call of its own. When it is submitted the kernel has
 * copied its names, and when it completes its result is known (uring.bpf.h): names are sent at once, the result after,
 * and user space puts both together.
 */
#ifndef AA_URING_SUBMIT_BPF_H
#define AA_URING_SUBMIT_BPF_H

#include "uring.bpf.h"

/* How each record of a request begins, whether the kernel submits it or refuses it. NULL: lost and counted. */
static __always_inline struct aa_scratch *request_start(struct io_kiocb *req, enum aa_kind kind)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct aa_scratch *s = record_start(kind, sizeof(struct aa_file), speaker_of(task), true);
	struct aa_file *f;

	if (!s)
		return NULL;
	f = file_record(s);
	f->header.flags |= AA_URING;
	f->header.tid = thread_id(task);
	fill_credentials(&f->header, req);
	return s;
}

/* Sends what is known of a request. False: it was lost and counted, and nobody waits for its result. */
static __always_inline bool send_request(struct io_kiocb *req, enum aa_kind kind, __u8 opcode, bool no_result)
{
	struct aa_scratch *s = request_start(req, kind);
	struct aa_file *f;

	if (!s)
		return false;
	f = file_record(s);
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

/* finish_request() of an open alone: what the other kinds need would cost the verifier as much again.
 * A global function: the verifier looks at it once. */
__noinline int finish_open(__u64 key, long result)
{
	struct aa_request *found = bpf_map_lookup_elem(&requests, &key), r;

	if (!found)
		return 0;
	r = *found;
	if (r.header.kind == AA_OPEN && drop_request(key, AA_DROP_TOLD))
		send_result(&r, key, result);
	return 0;
}

/* What ran at submission waits for its result to be handed over with those of the whole batch. An open is told before
 * the next request runs, which may put another file where the first one is. */
static __always_inline void tell_last_open(struct io_kiocb *next)
{
	struct io_wq_work_node *last = last_done(ring_of(next));
	struct io_kiocb *req;
	__u8 opcode;

	if (!last)
		return;
	req = HOLDER_OF(last, struct io_kiocb, comp_list);
	opcode = REQUEST(io_kiocb, opcode);
	if (opcode == IORING_OP_OPENAT || opcode == IORING_OP_OPENAT2)
		finish_open(request_number(req), (int)REQUEST(io_kiocb, cqe.res));
}

/* A global function: the verifier looks at it once. */
__noinline int begin_request(__u64 key)
{
	struct io_kiocb *req = (struct io_kiocb *)key;
	struct aa_request r = {};
	enum aa_kind kind;
	bool no_result;

	r.opcode = REQUEST(io_kiocb, opcode);
	r.ring = ring_of(req);
	r.user_data = REQUEST(io_kiocb, cqe.user_data);
	kind = request_kind(r.opcode, REQUEST(io_unlink, flags));
	if (!request_is_asked(kind))
		return 0;
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
	fill_header(&r.header, kind, speaker_of(bpf_get_current_task_btf()));
	fill_credentials(&r.header, req);
	/* first: one that cannot be followed would wait for its result for ever */
	if (!no_result && !enter_request(&r, key))
		return 0;
	if (r.told && !send_request(req, kind, r.opcode, no_result) && !no_result)
		drop_request(key, AA_DROP_COUNTED);
	return 0;
}

static __always_inline void on_uring_submit(struct io_kiocb *req)
{
	if (!is_watched(marked_speaker_of(bpf_get_current_task_btf())))
		return;
	if (cfg.kinds & aa_kind_bit(AA_OPEN))
		tell_last_open(req);
	begin_request(request_number(req));
}

#endif
