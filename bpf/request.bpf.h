/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * A request of io_uring as the kernel keeps it (struct io_kiocb): what it is, and what it asks for.
 */
#ifndef AA_REQUEST_BPF_H
#define AA_REQUEST_BPF_H

#include "io.bpf.h"

/* include/uapi/linux/io_uring.h */
enum aa_uring_op {
	IORING_OP_READV = 1,
	IORING_OP_WRITEV = 2,
	IORING_OP_READ_FIXED = 4,
	IORING_OP_WRITE_FIXED = 5,
	IORING_OP_FALLOCATE = 17,
	IORING_OP_OPENAT = 18,
	IORING_OP_CLOSE = 19,
	IORING_OP_READ = 22,
	IORING_OP_WRITE = 23,
	IORING_OP_OPENAT2 = 28,
	IORING_OP_SPLICE = 30,
	IORING_OP_RENAMEAT = 35,
	IORING_OP_UNLINKAT = 36,
	IORING_OP_MKDIRAT = 37,
	IORING_OP_SYMLINKAT = 38,
	IORING_OP_LINKAT = 39,
	IORING_OP_FSETXATTR = 41,
	IORING_OP_SETXATTR = 42,
	IORING_OP_FTRUNCATE = 55,
	IORING_OP_READV_FIXED = 60,
	IORING_OP_WRITEV_FIXED = 61,
};
#define REQ_F_FIXED_FILE (1 << 0) /* the IOSQE_ flags of the request, include/linux/io_uring_types.h */
#define REQ_F_CQE_SKIP (1 << 6)
#define SPLICE_F_FD_IN_FIXED (1U << 31) /* include/uapi/linux/io_uring.h */
#define IORING_FILE_INDEX_ALLOC (~0U) /* the kernel chooses the slot, and the result tells it */

#define REQUEST(type, field) LOAD(struct type, (struct type *)req, field)

/* The request as a number, which global functions can get. */
static __always_inline __u64 request_number(struct io_kiocb *req)
{
	__u64 number = 0;

	bpf_probe_read_kernel(&number, sizeof number, &req);
	return number;
}

/* What a request is: 0 for what nobody asks about. Transfers are AA_READ. */
static __always_inline enum aa_kind request_kind(__u8 opcode, __u32 unlink_flags)
{
	switch (opcode) {
	case IORING_OP_OPENAT:
	case IORING_OP_OPENAT2:
		return AA_OPEN;
	case IORING_OP_CLOSE:
		return AA_CLOSE;
	case IORING_OP_UNLINKAT:
		return unlink_flags & AT_REMOVEDIR ? AA_RMDIR : AA_UNLINK;
	case IORING_OP_RENAMEAT:
		return AA_RENAME;
	case IORING_OP_MKDIRAT:
		return AA_MKDIR;
	case IORING_OP_SYMLINKAT:
		return AA_SYMLINK;
	case IORING_OP_LINKAT:
		return AA_LINK;
	case IORING_OP_FALLOCATE:
	case IORING_OP_FTRUNCATE:
		return AA_TRUNCATE;
	case IORING_OP_SETXATTR:
	case IORING_OP_FSETXATTR:
		return AA_XATTR;
	case IORING_OP_READ:
	case IORING_OP_READV:
	case IORING_OP_READ_FIXED:
	case IORING_OP_READV_FIXED:
	case IORING_OP_WRITE:
	case IORING_OP_WRITEV:
	case IORING_OP_WRITE_FIXED:
	case IORING_OP_WRITEV_FIXED:
	case IORING_OP_SPLICE:
		return AA_READ;
	default:
		return 0;
	}
}

static __always_inline bool writes(__u8 opcode)
{
	return opcode == IORING_OP_WRITE || opcode == IORING_OP_WRITEV || opcode == IORING_OP_WRITE_FIXED ||
	       opcode == IORING_OP_WRITEV_FIXED || opcode == IORING_OP_SPLICE;
}

static __always_inline bool reads(__u8 opcode)
{
	return !writes(opcode) || opcode == IORING_OP_SPLICE;
}

static __always_inline bool acts_on_file(__u8 opcode)
{
	return opcode == IORING_OP_FALLOCATE || opcode == IORING_OP_FTRUNCATE || opcode == IORING_OP_FSETXATTR;
}

static __always_inline bool request_is_asked(enum aa_kind kind)
{
	if (kind == AA_CLOSE)
		return asked_for(AA_IO, 0) || asked_for(AA_CLOSE, 0);
	if (kind == AA_READ)
		return asked_for(AA_IO, 0) || cfg.kinds & (aa_kind_bit(AA_READ) | aa_kind_bit(AA_WRITE));
	return cfg.kinds & aa_kind_bit(kind);
}

/* The number that the request gives: of the process's table, or of the ring's. */
static __always_inline __u32 request_fd(struct io_kiocb *req)
{
	__u32 fd = REQUEST(io_kiocb, cqe.fd);

	return REQUEST(io_kiocb, flags) & REQ_F_FIXED_FILE ? fd | AA_FD_FIXED : fd;
}

static __always_inline __u32 closing_fd(struct io_kiocb *req)
{
	__u32 slot = REQUEST(io_close, file_slot); /* one more than the index; 0: a descriptor */

	return slot ? (slot - 1) | AA_FD_FIXED : REQUEST(io_close, fd);
}

/* Up to 6.12 a ring's table holds the files themselves; then nodes that lead to them. */
struct io_fixed_file___6_12 {
	unsigned long file_ptr;
} __attribute__((preserve_access_index));
struct io_file_table___6_12 {
	struct io_fixed_file___6_12 *files;
} __attribute__((preserve_access_index));
struct io_ring_ctx___6_12 {
	struct io_file_table___6_12 file_table;
	unsigned int nr_user_files;
} __attribute__((preserve_access_index));
#define SLOT_FLAGS 7UL /* in the low bits of file_ptr: FFS_MASK in io_uring/filetable.h */

/* The file in the ring's own table, NULL if there is none. */
static __always_inline struct file *slot_file(__u64 address, __u32 slot)
{
	struct io_ring_ctx *ring = (struct io_ring_ctx *)address;
	struct io_ring_ctx___6_12 *older = (void *)ring;
	struct io_rsrc_node *node = NULL;
	unsigned long file = 0;

	if (bpf_core_field_exists(ring->file_table.data)) {
		if (slot < LOAD(struct io_ring_ctx, ring, file_table.data.nr))
			bpf_probe_read_kernel(&node, sizeof node,
					      LOAD(struct io_ring_ctx, ring, file_table.data.nodes) + slot);
		if (node)
			file = LOAD(struct io_rsrc_node, node, file_ptr);
	} else if (slot < BPF_CORE_READ(older, nr_user_files)) {
		struct io_fixed_file___6_12 *files = BPF_CORE_READ(older, file_table.files);

		file = BPF_CORE_READ(files + slot, file_ptr);
	}
	return (struct file *)(file & ~SLOT_FLAGS);
}

/* Those that a request runs with: a personality's, or the submitting thread's, which is the kernel's own with
 * IORING_SETUP_SQPOLL (io_init_req() and __io_sq_thread() in io_uring/). Before it runs. */
static __always_inline void fill_credentials(struct aa_header *h, struct io_kiocb *req)
{
	struct task_struct *task = bpf_get_current_task_btf();
	const struct cred *cred = LOAD(const struct task_struct, task, cred);

	if (cfg.uring_creds_bit && REQUEST(io_kiocb, flags) >> cfg.uring_creds_bit & 1)
		cred = REQUEST(io_kiocb, creds);
	h->uid = LOAD(const struct cred, cred, euid.val);
	h->gid = LOAD(const struct cred, cred, egid.val);
}

static __always_inline void add_request_name(struct aa_scratch *s, struct filename *name, __u32 dir, __u32 which)
{
	add_name(s, as_number(s, LOAD(struct filename, name, name)), dir, which | AA_NAME_KERNEL);
}

/* As a number, which global functions can get. */
static __always_inline __u64 ring_of(struct io_kiocb *req)
{
	__u64 ring = 0;

	bpf_core_read(&ring, sizeof ring, &req->ctx);
	return ring;
}

/* As far as it is known before the request runs. */
static __always_inline struct file *named_file(__u64 ring, __u32 fd)
{
	return fd & AA_FD_FIXED ? slot_file(ring, fd & ~AA_FD_FIXED) : file_of(bpf_get_current_task_btf(), fd);
}

/* A global function: the verifier looks at it once. */
__noinline int may_count(__u64 ring, __u32 fd)
{
	struct file *file = named_file(ring, fd);

	return !file || counts(file);
}

static __always_inline void add_request_file(struct aa_scratch *s, struct io_kiocb *req)
{
	struct aa_file *f = file_record(s);

	f->fd = request_fd(req);
	/* a file of the ring's table is found when the request runs */
	if (!(f->fd & AA_FD_FIXED))
		add_descriptor(s, bpf_get_current_task_btf(), f->fd);
}

/* A global function: the verifier looks at it once. */
__noinline int fill_request(struct aa_scratch *s, __u64 request, __u32 opcode)
{
	struct io_kiocb *req = (struct io_kiocb *)request;
	struct aa_file *f;

	if (!s)
		return 0;
	f = file_record(s);
	f->fd = -1;
	switch (opcode) {
	case IORING_OP_OPENAT:
	case IORING_OP_OPENAT2:
		f->flags = REQUEST(io_open, how.flags) & ~O_LARGEFILE_ADDED;
		f->mode = REQUEST(io_open, how.mode);
		if (REQUEST(io_open, how.resolve) & RESOLVE_IN_ROOT)
			f->marks |= AA_FILE_IN_ROOT;
		add_request_name(s, REQUEST(io_open, filename), REQUEST(io_open, dfd), 0);
		break;
	case IORING_OP_CLOSE:
		f->fd = closing_fd(req);
		add_file(s, named_file(ring_of(req), f->fd));
		break;
	case IORING_OP_UNLINKAT:
		add_request_name(s, REQUEST(io_unlink, filename), REQUEST(io_unlink, dfd), 0);
		break;
	case IORING_OP_RENAMEAT:
		f->flags = REQUEST(io_rename, flags);
		add_request_name(s, REQUEST(io_rename, oldpath), REQUEST(io_rename, old_dfd), 0);
		add_request_name(s, REQUEST(io_rename, newpath), REQUEST(io_rename, new_dfd), AA_NAME_NEW);
		break;
	case IORING_OP_MKDIRAT:
		f->mode = REQUEST(io_mkdir, mode);
		add_request_name(s, REQUEST(io_mkdir, filename), REQUEST(io_mkdir, dfd), 0);
		break;
	case IORING_OP_SYMLINKAT:
		add_kernel_string(s, &f->text, AA_FILE_TEXT, LOAD(struct filename, REQUEST(io_link, oldpath), name));
		add_request_name(s, REQUEST(io_link, newpath), REQUEST(io_link, new_dfd), 0);
		break;
	case IORING_OP_LINKAT:
		add_request_name(s, REQUEST(io_link, oldpath), REQUEST(io_link, old_dfd), 0);
		add_request_name(s, REQUEST(io_link, newpath), REQUEST(io_link, new_dfd), AA_NAME_NEW);
		break;
	case IORING_OP_FALLOCATE:
		f->size = REQUEST(io_sync, len);
		f->flags = REQUEST(io_sync, mode);
		add_request_file(s, req);
		break;
	case IORING_OP_FTRUNCATE:
		if (bpf_core_type_exists(struct io_ftrunc))
			f->size = REQUEST(io_ftrunc, len);
		add_request_file(s, req);
		break;
	case IORING_OP_SETXATTR:
	case IORING_OP_FSETXATTR:
		add_kernel_string(s, &f->text, AA_FILE_TEXT, (const char *)REQUEST(io_xattr, ctx.kname));
		if (opcode == IORING_OP_SETXATTR)
			add_request_name(s, REQUEST(io_xattr, filename), AT_FDCWD, 0);
		else
			add_request_file(s, req);
		break;
	}
	return 0;
}

#endif
