/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * System calls that read, write and close: counted under their descriptors, reported one by one where that is asked
 * for.
 */
#ifndef AA_IO_BPF_H
#define AA_IO_BPF_H

#include "sweep.bpf.h"
#include "file.bpf.h"

/* Of close_range with `-e close`: turns, of which the first are records; how far up all their paths may be. */
#define AA_CLOSE_TURNS_MAX 1536
#define AA_CLOSES_MAX 192
#define AA_CLOSE_STEPS_MAX 2048
#define AA_CLOSE_UNLOOPED 128 /* without bpf_loop (before 5.17) */

/* include/uapi/linux/stat.h */
#define S_IFSOCK 0140000
#define S_IFBLK 0060000
#define S_IFCHR 0020000
#define S_IFIFO 0010000
#define ANON_INODE_FS_MAGIC 0x09041934 /* include/uapi/linux/magic.h */
#define MINOR_BITS 20 /* include/linux/kdev_t.h */
#define FMODE_WRITE 0x2 /* include/linux/fs.h */
#define CLOSE_RANGE_UNSHARE (1U << 1) /* include/uapi/linux/close_range.h */
#define CLOSE_RANGE_CLOEXEC (1U << 2)

/* Of a character device's major number: the terminals of Documentation/admin-guide/devices.txt. */
static __always_inline bool is_tty_major(__u32 major)
{
	return major == 4 || major == 5 || (major >= 136 && major <= 143) || major == 166 || major == 188 ||
	       major == 204 || major == 229;
}

static __always_inline enum aa_fd_type fd_type(struct file *file)
{
	struct inode *inode = LOAD(struct file, file, f_inode);

	switch (LOAD(struct inode, inode, i_mode) & S_IFMT) {
	case S_IFIFO:
		return AA_FD_PIPE;
	case S_IFSOCK:
		return AA_FD_SOCKET;
	case S_IFBLK:
		return AA_FD_DEVICE;
	case S_IFCHR:
		return is_tty_major(LOAD(struct inode, inode, i_rdev) >> MINOR_BITS) ? AA_FD_TTY : AA_FD_DEVICE;
	case 0:
		return AA_FD_ANON; /* up to 6.15 or so; then they look like files */
	default: {
		struct super_block *super = LOAD(struct inode, inode, i_sb);

		return LOAD(struct super_block, super, s_magic) == ANON_INODE_FS_MAGIC ? AA_FD_ANON : AA_FD_FILE;
	}
	}
}

static __always_inline bool counts(struct file *file)
{
	return cfg.fd_types == AA_FD_ALL || cfg.fd_types & fd_type(file);
}

/* Where a positioned call began. Those that take an address leave the end there. */
static __always_inline void add_offset(struct aa_file *f, const struct aa_call *call, const struct aa_args *args,
				       __u32 index)
{
	__u64 address = argument(args, index);

	if (!index)
		return;
	if (!(call->traits & AA_CALL_POINTERS)) {
		f->offset = wide_argument(args, call, index);
		if (f->offset != -1) /* preadv2: at the file's own position */
			f->marks |= AA_FILE_POSITIONED;
		return;
	}
	if (!address)
		return;
	if (read_user(&f->offset, call->traits & AA_CALL_SHORT_OFFSET ? 4 : 8, address)) {
		f->marks |= AA_FILE_NO_OFFSET;
		return;
	}
	f->marks |= AA_FILE_POSITIONED;
	f->offset -= f->error ? 0 : f->size;
}

/* One side of a single call, where they are asked for. A global function: the verifier looks at it once. */
__noinline int tell_side(struct aa_call *call, struct aa_args *args, __u32 fd, bool written, long result)
{
	enum aa_kind kind = written ? AA_WRITE : AA_READ;
	struct task_struct *task = bpf_get_current_task_btf();
	struct file *file = file_of(task, fd);
	struct aa_scratch *s;
	struct aa_file *f;

	if (!call || !args || (file && !counts(file)))
		return 0;
	s = record_start(kind, sizeof(struct aa_file), task, true);
	if (!s)
		return 0;
	f = file_record(s);
	f->error = is_error(result) ? result : 0;
	f->fd = fd;
	f->size = result;
	if (args->compat)
		f->header.flags |= AA_COMPAT;
	if (args->unverified)
		f->marks |= AA_FILE_UNVERIFIED;
	add_offset(f, call, args, kind == AA_WRITE ? call->new_offset : call->offset);
	/* without a file: of a bad descriptor there is no path; of one that was closed meanwhile it is unreadable */
	if (file || !f->error)
		add_file(s, file);
	send_unless_allowed(s);
	return 0;
}

/* Not all that is counted under a descriptor has surely happened. */
static __always_inline void mark_unverified(struct aa_descriptor_key *key)
{
	struct aa_descriptor *d = bpf_map_lookup_elem(&descriptors, key);

	if (d)
		d->unverified = 1;
}

/* One side of a call that has succeeded. A global function: the verifier looks at it once. */
__noinline int count_side(__u32 fd, __u64 bytes, bool written, bool unverified)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct aa_descriptor_key key = {.pid = process_id(task), .fd = fd};
	struct file *file = file_of(task, fd);

	if (file && !counts(file))
		return 0;
	count_transfer(&key, process_start(task), file, false, bytes, written);
	if (unverified)
		mark_unverified(&key);
	return 0;
}

static __always_inline void on_side(struct aa_call *call, struct aa_args *args, __u32 fd, bool written, long result)
{
	if (asked_for(AA_IO, 0) && !is_error(result))
		count_side(fd, result, written, args->unverified);
	if (asked_for(written ? AA_WRITE : AA_READ, is_error(result) ? result : 0))
		tell_side(call, args, fd, written, result);
}

static __always_inline bool is_open_for_writing(struct task_struct *task, __u32 fd)
{
	struct file *file = file_of(task, fd);

	return file && LOAD(struct file, file, f_mode) & FMODE_WRITE;
}

static __always_inline void on_transfer(struct task_struct *task, struct aa_call *call, struct aa_args *args,
					long result)
{
	bool reads = call->fd, writes = call->new_fd;

	if (call->traits & AA_CALL_EITHER) {
		writes = is_open_for_writing(task, argument(args, call->fd));
		reads = !writes;
	}
	if (reads)
		on_side(call, args, argument(args, call->fd), false, result);
	if (writes)
		on_side(call, args, argument(args, call->new_fd), true, result);
}

/* Nothing of the current task's table is counted, and no rest of a sweep waits: what most descriptors are that nobody
 * reads or writes. What another thread is about to count ends at the latest with the table, as it would if its call
 * had found the descriptor closed. */
static __always_inline bool counts_nothing(struct task_struct *task)
{
	struct aa_table_key key = {.table = table_of(task, 0), .pid = process_id(task)};
	struct aa_used *used = bpf_map_lookup_elem(&descriptor_users, &key);

	return !used || (!used->count && !used->rest);
}

/* close, dup2, dup3, close_range have returned. */
static __always_inline void on_close(struct task_struct *task, const struct aa_call *call, const struct aa_args *args,
				     long result)
{
	__u32 fd = argument(args, call->fd), new_fd = argument(args, call->new_fd);

	if (call->traits & AA_CALL_RANGE) {
		if (!is_error(result) && !(argument(args, call->flags) & CLOSE_RANGE_CLOEXEC))
			sweep_descriptors(fd & ~AA_FD_FIXED, new_fd & ~AA_FD_FIXED, false);
		return; /* a rest is there perhaps, but one run does one sweep */
	}
	if (counts_nothing(task))
		return;
	if (call->new_fd) {
		if (args->unverified)
			end_if_closed(task, new_fd);
		else if (!is_error(result) && fd != new_fd)
			end_descriptor(process_id(task), new_fd);
	} else if (result != -EBADF) { /* also closed when it says EINTR or EIO: close(2) */
		end_if_closed(task, fd);
	}
	sweep_rest(task);
}

/* Returns how far up its path was. */
static __always_inline __u64 send_close(struct task_struct *task, __u32 fd)
{
	struct file *file = file_of(task, fd);
	struct aa_scratch *s;
	__u64 steps;

	if (!file || !counts(file))
		return 0;
	s = record_start(AA_CLOSE, sizeof(struct aa_file), task, true);
	if (!s)
		return 0;
	file_record(s)->fd = fd;
	add_file(s, file);
	steps = s->walk.climbed;
	send_unless_allowed(s);
	return steps;
}

/* A look for the open descriptors of a range. */
struct aa_closing {
	struct task_struct *task;
	__u64 at;
	__u64 last;
	__u64 steps; /* up the paths of those that were told */
	__u64 untold;
};

/* The open ones among 64 numbers, from `at` to `last`. */
static __always_inline __u64 open_word(const struct aa_closing *w)
{
	struct files_struct *files = LOAD(struct task_struct, w->task, files);
	struct fdtable *table = LOAD(struct files_struct, files, fdt);
	__u64 end = w->at | 63, word = 0;

	bpf_probe_read_kernel(&word, sizeof word, LOAD(struct fdtable, table, open_fds) + (w->at >> 6));
	word &= ~0ULL << (w->at & 63);
	return end > w->last ? word & ~0ULL >> (63 - (w->last & 63)) : word;
}

static long send_close_of_range(__u32 index, struct aa_closing *w)
{
	__u64 word;

	count_work(AA_WORK_CLOSES, 1);
	if (w->at > w->last)
		return 1;
	word = open_word(w);
	if (word && index < AA_CLOSES_MAX && w->steps < AA_CLOSE_STEPS_MAX) {
		w->at = (w->at & ~63ULL) + lowest_bit(word);
		w->steps += send_close(w->task, w->at);
		w->at++;
		return 0;
	}
	w->untold += count_bits(word);
	w->at = (w->at | 63) + 1;
	return 0;
}

/* What is beyond the bounds is counted: the open ones, and where not even those were looked at, every number. `none`:
 * 0, which the verifier must not know.
 * A global function: the verifier looks at it once. */
__noinline int send_closes(__u32 first, __u32 last, __u64 none)
{
	struct aa_closing w = {
		.task = bpf_get_current_task_btf(), .at = first, .last = last, .steps = none, .untold = none};
	struct files_struct *files = LOAD(struct task_struct, w.task, files);
	struct fdtable *table = LOAD(struct files_struct, files, fdt);
	__u32 end = LOAD(struct fdtable, table, max_fds);

	if (w.last >= end)
		w.last = end - 1;
	LOOP(AA_CLOSE_TURNS_MAX, AA_CLOSE_UNLOOPED, send_close_of_range, &w);
	if (w.at <= w.last)
		w.untold += w.last - w.at + 1;
	if (w.untold)
		__sync_fetch_and_add(&state.lost[AA_LOST_TOO_MANY], w.untold);
	return 0;
}

/* Flags that the call does not know: it fails and closes nothing. */
static __always_inline bool is_refused(const struct aa_call *call, const struct aa_args *args)
{
	__u32 known = call->traits & AA_CALL_RANGE ? CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC : O_CLOEXEC;

	return argument(args, call->flags) & ~known;
}

/* Before the call: after it, nothing knows any more what was closed. */
static __always_inline void on_close_entry(struct task_struct *task, const struct aa_call *call,
					   const struct aa_args *args)
{
	__u32 fd = argument(args, call->fd), new_fd = argument(args, call->new_fd);

	if (is_refused(call, args))
		return;
	if (call->traits & AA_CALL_RANGE) {
		if (!(argument(args, call->flags) & CLOSE_RANGE_CLOEXEC))
			send_closes(fd, new_fd, 0);
	} else if (!call->new_fd) {
		send_close(task, fd);
	} else if (fd != new_fd && file_of(task, fd)) {
		send_close(task, new_fd);
	}
}

#endif
