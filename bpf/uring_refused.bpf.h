/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * Requests of io_uring that the kernel refuses before it submits them: names that it cannot copy, flags that it does
 * not know. What they asked for stands in the submission queue alone.
 */
#ifndef AA_URING_REFUSED_BPF_H
#define AA_URING_REFUSED_BPF_H

#include "uring_submit.bpf.h"

#define IOSQE_FIXED_FILE (1U << 0) /* include/uapi/linux/io_uring.h */

/* struct io_uring_sqe, include/uapi/linux/io_uring.h: the union members that the operations here use */
struct aa_sqe {
	__u8 opcode;
	__u8 flags;
	__u16 ioprio;
	__u32 fd;
	__u64 off; /* or addr2 */
	__u64 addr; /* or splice_off_in */
	__u32 len;
	__u32 op_flags;
	__u64 user_data;
	__u16 buf_index;
	__u16 personality;
	__u32 splice_fd_in;
	__u64 addr3;
};
AA_ASSERT(sizeof(struct aa_sqe) == 56, "as the kernel has it");

static __always_inline __u32 sqe_fd(const struct aa_sqe *sqe)
{
	return sqe->flags & IOSQE_FIXED_FILE ? sqe->fd | AA_FD_FIXED : sqe->fd;
}

static __always_inline void add_sqe_file(struct aa_scratch *s, struct io_kiocb *req, __u32 fd)
{
	struct file *file = named_file(ring_of(req), fd);

	file_record(s)->fd = fd;
	if (file)
		add_file(s, file);
}

/* A global function: the verifier looks at it once. */
__noinline int fill_refused(struct aa_scratch *s, struct aa_sqe *sqe, __u64 request)
{
	struct io_kiocb *req = (struct io_kiocb *)request;
	struct open_how how = {};
	struct aa_file *f;

	if (!s || !sqe)
		return 0;
	f = file_record(s);
	f->fd = -1;
	switch (sqe->opcode) {
	case IORING_OP_OPENAT:
		f->flags = sqe->op_flags;
		f->mode = sqe->len;
		add_name(s, sqe->addr, sqe->fd, 0);
		break;
	case IORING_OP_OPENAT2:
		if (read_user(&how, sizeof how, sqe->off))
			f->marks |= AA_FILE_NO_FLAGS;
		if (how.resolve & RESOLVE_IN_ROOT)
			f->marks |= AA_FILE_IN_ROOT;
		f->flags = how.flags;
		f->mode = how.mode;
		add_name(s, sqe->addr, sqe->fd, 0);
		break;
	case IORING_OP_MKDIRAT:
		f->mode = sqe->len;
		add_name(s, sqe->addr, sqe->fd, 0);
		break;
	case IORING_OP_UNLINKAT:
		add_name(s, sqe->addr, sqe->fd, 0);
		break;
	case IORING_OP_SYMLINKAT:
		add_user_string(s, &f->text, AA_FILE_TEXT, sqe->addr);
		add_name(s, sqe->off, sqe->fd, 0);
		break;
	case IORING_OP_RENAMEAT:
		f->flags = sqe->op_flags;
		add_name(s, sqe->addr, sqe->fd, 0);
		add_name(s, sqe->off, sqe->len, AA_NAME_NEW);
		break;
	case IORING_OP_LINKAT:
		add_name(s, sqe->addr, sqe->fd, 0);
		add_name(s, sqe->off, sqe->len, AA_NAME_NEW);
		break;
	case IORING_OP_FALLOCATE:
		f->size = sqe->addr;
		f->flags = sqe->len;
		add_sqe_file(s, req, sqe_fd(sqe));
		break;
	case IORING_OP_FTRUNCATE:
		f->size = sqe->off;
		add_sqe_file(s, req, sqe_fd(sqe));
		break;
	case IORING_OP_SETXATTR:
		add_user_string(s, &f->text, AA_FILE_TEXT, sqe->addr);
		add_name(s, sqe->addr3, AT_FDCWD, 0);
		break;
	case IORING_OP_FSETXATTR:
		add_user_string(s, &f->text, AA_FILE_TEXT, sqe->addr);
		add_sqe_file(s, req, sqe_fd(sqe));
		break;
	}
	return 0;
}

static __always_inline struct aa_scratch *refused_start(enum aa_kind kind, __u64 request, int error)
{
	struct aa_scratch *s = request_start((struct io_kiocb *)request, kind);

	if (s)
		file_record(s)->error = error;
	return s;
}

/* A global function: the verifier looks at it once. */
__noinline int send_refused_transfer(__u64 request, __u32 fd, __s64 offset, bool written, int error)
{
	enum aa_kind kind = written ? AA_WRITE : AA_READ;
	struct aa_scratch *s;

	if (!asked_for(kind, error) || !may_count(ring_of((struct io_kiocb *)request), fd))
		return 0;
	s = refused_start(kind, request, error);
	if (!s)
		return 0;
	file_record(s)->offset = offset;
	if (offset != -1)
		file_record(s)->marks |= AA_FILE_POSITIONED;
	add_sqe_file(s, (struct io_kiocb *)request, fd);
	record_send(s);
	return 0;
}

static __always_inline void refuse_transfer(__u64 request, const struct aa_sqe *sqe, int error)
{
	if (sqe->opcode == IORING_OP_SPLICE)
		send_refused_transfer(request,
				      sqe->splice_fd_in | (sqe->op_flags & SPLICE_F_FD_IN_FIXED ? AA_FD_FIXED : 0),
				      sqe->addr, false, error);
	else if (reads(sqe->opcode))
		send_refused_transfer(request, sqe_fd(sqe), sqe->off, false, error);
	if (writes(sqe->opcode))
		send_refused_transfer(request, sqe_fd(sqe), sqe->off, true, error);
}

static __always_inline void on_uring_refused(const void *queued, struct io_kiocb *req, int error)
{
	__u64 request = request_number(req);
	struct aa_sqe sqe = {};
	struct aa_scratch *s;
	enum aa_kind kind;

	if (!is_watched(marked_speaker_of(bpf_get_current_task_btf())))
		return;
	bpf_probe_read_kernel(&sqe, sizeof sqe, queued);
	sqe.opcode = REQUEST(io_kiocb, opcode); /* as the kernel took it: the program can change the queue meanwhile */
	kind = request_kind(sqe.opcode, sqe.op_flags);
	if (kind == AA_READ)
		refuse_transfer(request, &sqe, error);
	if (!kind || kind == AA_READ || kind == AA_CLOSE || !asked_for(kind, error))
		return;
	s = refused_start(kind, request, error);
	if (!s)
		return;
	fill_refused(s, &sqe, request);
	record_send(s);
}

#endif
