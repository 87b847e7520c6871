/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * Reads and writes: counted for each descriptor of a process, reported when the descriptor goes away. The path of a
 * descriptor is reported at its first use, when it can still be known.
 */
#ifndef AA_IO_BPF_H
#define AA_IO_BPF_H

#include "file.bpf.h"

/* include/uapi/linux/stat.h */
#define S_IFMT 00170000
#define S_IFSOCK 0140000
#define S_IFBLK 0060000
#define S_IFCHR 0020000
#define S_IFIFO 0010000
#define ANON_INODE_FS_MAGIC 0x09041934 /* include/uapi/linux/magic.h */
#define MINOR_BITS 20 /* include/linux/kdev_t.h */
#define FMODE_WRITE 0x2 /* include/linux/fs.h */
#define CLOSE_RANGE_CLOEXEC (1U << 2) /* include/uapi/linux/close_range.h */
#define AA_USED_RETRIES 8 /* to raise aa_used.highest against other threads */
#define AA_SWEEP_UNLOOPED 128 /* descriptors, without bpf_loop (before 5.17) */

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

/* The descriptor's number means nothing, or another file, from now on. */
__noinline int end_descriptor(__u32 pid, __u32 fd)
{
	struct aa_descriptor_key key = {.pid = pid, .fd = fd};
	struct aa_descriptor *d = bpf_map_lookup_elem(&descriptors, &key), last;
	struct aa_used *used;

	if (!d)
		return 0;
	last = *d;
	if (bpf_map_delete_elem(&descriptors, &key))
		return 0; /* another thread was faster */
	used = bpf_map_lookup_elem(&descriptor_users, &pid);
	if (used)
		__sync_fetch_and_add(&used->count, -1);
	send_io(pid, fd, AA_IO_CLOSED, &last);
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

static __always_inline void note_used(__u32 pid, __u32 fd)
{
	struct aa_used *used = bpf_map_lookup_elem(&descriptor_users, &pid), first = {};

	if (!used) {
		bpf_map_update_elem(&descriptor_users, &pid, &first, BPF_NOEXIST);
		used = bpf_map_lookup_elem(&descriptor_users, &pid);
		if (!used)
			return; /* as many processes as descriptors: told by the entry that cannot be made */
	}
	__sync_fetch_and_add(&used->count, 1);
	if (fd & AA_FD_FIXED)
		raise_to(&used->highest_fixed, fd & ~AA_FD_FIXED);
	else
		raise_to(&used->highest, fd);
}

static __always_inline void send_descriptor(const struct aa_descriptor_key *key, const struct aa_descriptor *d,
					    struct file *file)
{
	/* nobody asked for it: without it, the path of the totals is unreadable */
	struct aa_scratch *s =
		record_start(AA_DESCRIPTOR, sizeof(struct aa_file), speaker_of(bpf_get_current_task_btf()), false);
	struct aa_file *f;

	if (!s)
		return;
	set_owner(s, key->pid, d->start);
	f = file_record(s);
	f->fd = key->fd;
	f->size = d->generation;
	f->place = AA_PLACE_FILE;
	add_file_path(s, &f->path, AA_FILE_PATH, file);
	record_send(s);
}

/* NULL: counted as lost. */
static __always_inline struct aa_descriptor *begin_descriptor(struct aa_descriptor_key *key, __u64 start,
							      struct file *file)
{
	struct aa_descriptor *d, first = {.start = start,
					  .file = (__u64)file,
					  .dentry = (__u64)LOAD(struct file, file, f_path.dentry),
					  .generation = bpf_ktime_get_boot_ns()};

	if (!bpf_map_update_elem(&descriptors, key, &first, BPF_NOEXIST)) {
		note_used(key->pid, key->fd);
		send_descriptor(key, &first, file);
	}
	d = bpf_map_lookup_elem(&descriptors, key);
	if (!d)
		count_loss(AA_LOST_MAP_FULL, true);
	return d;
}

static __always_inline bool is_of(const struct aa_descriptor *d, struct file *file, __u64 start)
{
	return d->file == (__u64)file && d->dentry == (__u64)LOAD(struct file, file, f_path.dentry) &&
	       d->start == start;
}

/* The entry of the descriptor that `file` is open under. One that is there under the same number for another file ends:
 * its close was not seen (by another process with the same table of descriptors). */
static __always_inline struct aa_descriptor *descriptor_for(struct aa_descriptor_key *key, __u64 start,
							    struct file *file)
{
	struct aa_descriptor *d = bpf_map_lookup_elem(&descriptors, key);

	if (d && is_of(d, file, start))
		return d;
	if (d)
		end_descriptor(key->pid, key->fd);
	return begin_descriptor(key, start, file);
}

/* A successful call of a process. `file` NULL: another thread has closed the descriptor while the call ran. */
static __always_inline void count_transfer(struct aa_descriptor_key *key, __u64 start, struct file *file, __u64 bytes,
					   bool written)
{
	struct aa_descriptor *d, late = {.start = start};

	if (!file) {
		if (written)
			late.totals = (struct aa_totals){.writes = 1, .written_bytes = bytes};
		else
			late.totals = (struct aa_totals){.reads = 1, .read_bytes = bytes};
		send_io(key->pid, key->fd, AA_IO_CLOSED | AA_IO_LATE, &late);
		return;
	}
	d = descriptor_for(key, start, file);
	if (!d)
		return;
	__sync_fetch_and_add(written ? &d->totals.writes : &d->totals.reads, 1);
	__sync_fetch_and_add(written ? &d->totals.written_bytes : &d->totals.read_bytes, bytes);
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
	if (!address || bpf_probe_read_user(&f->offset, call->traits & AA_CALL_SHORT_OFFSET ? 4 : 8, (void *)address))
		return;
	f->marks |= AA_FILE_POSITIONED;
	f->offset -= f->error ? 0 : f->size;
}

/* A single call, where they are asked for. */
static __always_inline void send_call(enum aa_kind kind, const struct aa_call *call, const struct aa_args *args,
				      __u32 fd, struct file *file, long result)
{
	struct aa_scratch *s = record_start(kind, sizeof(struct aa_file), bpf_get_current_task_btf(), true);
	struct aa_file *f;

	if (!s)
		return;
	f = file_record(s);
	f->error = is_error(result) ? result : 0;
	f->fd = fd;
	f->size = result;
	if (args->compat)
		f->header.flags |= AA_COMPAT;
	add_offset(f, call, args, kind == AA_WRITE ? call->new_offset : call->offset);
	if (file) {
		f->place = AA_PLACE_FILE;
		add_file_path(s, &f->path, AA_FILE_PATH, file);
	}
	record_send(s);
}

/* One side of a call that reads or writes. A global function: the verifier looks at it once. */
__noinline int transfer(struct aa_call *call, struct aa_args *args, __u32 fd, bool written, long result)
{
	enum aa_kind kind = written ? AA_WRITE : AA_READ;
	struct task_struct *task = bpf_get_current_task_btf();
	struct aa_descriptor_key key = {.pid = process_id(task), .fd = fd};
	struct file *file;

	if (!call || !args)
		return 0;
	file = file_of(task, fd);
	if (file && !counts(file))
		return 0;
	if (asked_for(AA_IO, 0) && !is_error(result))
		count_transfer(&key, process_start(task), file, result, written);
	if (asked_for(kind, is_error(result) ? result : 0))
		send_call(kind, call, args, fd, file, result);
	return 0;
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
		transfer(call, args, argument(args, call->fd), false, result);
	if (writes)
		transfer(call, args, argument(args, call->new_fd), true, result);
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

/* close, dup2, dup3, close_range have returned. */
static __always_inline void on_close(struct task_struct *task, const struct aa_call *call, const struct aa_args *args,
				     long result)
{
	__u32 fd = argument(args, call->fd), new_fd = argument(args, call->new_fd);

	if (call->traits & AA_CALL_RANGE) {
		if (!is_error(result) && !(argument(args, call->flags) & CLOSE_RANGE_CLOEXEC))
			sweep_descriptors(fd, new_fd & ~AA_FD_FIXED, false);
	} else if (call->new_fd) {
		if (!is_error(result) && fd != new_fd)
			end_descriptor(process_id(task), new_fd);
	} else if (result != -EBADF) { /* also closed when it says EINTR or EIO: close(2) */
		end_if_closed(task, fd);
	}
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

static __always_inline void send_close(struct task_struct *task, __u32 fd)
{
	struct file *file = file_of(task, fd);
	struct aa_scratch *s;

	if (!file || !counts(file))
		return;
	s = record_start(AA_CLOSE, sizeof(struct aa_file), task, true);
	if (!s)
		return;
	file_record(s)->fd = fd;
	file_record(s)->place = AA_PLACE_FILE;
	add_file_path(s, &file_record(s)->path, AA_FILE_PATH, file);
	record_send(s);
}

static long send_close_of_range(__u32 index, __u32 *first)
{
	send_close(bpf_get_current_task_btf(), *first + index);
	return 0;
}

static __always_inline void send_closes(struct task_struct *task, __u32 first, __u32 last)
{
	struct files_struct *files = LOAD(struct task_struct, task, files);
	struct fdtable *table = LOAD(struct files_struct, files, fdt);
	__u32 end = LOAD(struct fdtable, table, max_fds);

	if (last >= end)
		last = end - 1;
	if (first > last)
		return;
	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_loop))
		bpf_loop(last - first + 1, send_close_of_range, &first, 0);
	else
		for (__u64 i = 0; i < AA_SWEEP_UNLOOPED && i <= last - first; i++)
			send_close_of_range(i, &first);
}

/* Before the call: after it, nothing knows any more what was closed. */
static __always_inline void on_close_entry(struct task_struct *task, const struct aa_call *call,
					   const struct aa_args *args)
{
	__u32 fd = argument(args, call->fd), new_fd = argument(args, call->new_fd);

	if (call->traits & AA_CALL_RANGE) {
		if (!(argument(args, call->flags) & CLOSE_RANGE_CLOEXEC))
			send_closes(task, fd, new_fd);
	} else if (!call->new_fd) {
		send_close(task, fd);
	} else if (fd != new_fd && file_of(task, fd)) {
		send_close(task, new_fd);
	}
}

#endif
