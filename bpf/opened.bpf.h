/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * What an open has opened. A hook of the kernel, which it asks before it opens a file, leaves that in the task's
 * storage. Without the hook it is the file that stands under the number when the call returns, where another thread may
 * have put another one.
 */
#ifndef AA_OPENED_BPF_H
#define AA_OPENED_BPF_H

#include "resolved.bpf.h"

#define FMODE_CREATED 0x100000 /* include/linux/fs.h */
#define FMODE_NOACCOUNT 0x20000000
#define O_PATH 010000000 /* include/uapi/asm-generic/fcntl.h */
#define O_TMPFILE_ALONE 020000000 /* __O_TMPFILE there */
#define O_ACCMODE 00000003
#define O_APPEND 00002000
#define O_CREAT 00000100
#define O_EXCL 00000200
#define O_NOCTTY 00000400
#define O_TRUNC 00001000
#define O_MAKING (O_CREAT | O_EXCL)
#define O_CREATING (00000001 | O_CREAT | O_TRUNC) /* creat(2): with O_WRONLY */
#define O_DSYNC 00010000
/* to every open by 64-bit kernels, fs/open.c and io_uring/openclose.c; O_LARGEFILE of arch/.../uapi/asm/fcntl.h */
#if defined(__TARGET_ARCH_arm64)
#define O_LARGEFILE_ADDED 0400000
#define O_DIRECT 0200000
#else
#define O_LARGEFILE_ADDED 0100000
#define O_DIRECT 040000
#endif
#define O_CLOEXEC 02000000
/* by the file: do_dentry_open(), fs/open.c; what concerns the descriptor is the table's */
#define O_FORGOTTEN (O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC)
#define O_ADDED (O_LARGEFILE_ADDED | O_DSYNC) /* perhaps by the kernel: build_open_flags() there */
#define S_IFMT 00170000 /* include/uapi/linux/stat.h */
#define S_IFREG 0100000

/* What the hook has seen in a call: aa_task.opened */
enum aa_opened {
	AA_OPENED_FLAGS = (1 << 24) - 1, /* of the file: as the call has them, but for O_CLOEXEC */
	AA_OPENED_SEEN = 1 << 24, /* a file */
	AA_OPENED_SEVERAL = 1 << 25, /* and another one: which of them the call returns is not known */
	AA_OPENED_CREATED = 1 << 26, /* the call has made the first one */
	AA_OPENED_KEPT = 1 << 27, /* and its path is in `resolved` */
	AA_OPENED_BLIND = 1 << 28, /* since the last open has returned: nothing is noted, it may be of no call */
};

/* The hook */

/* Is the task in an open that has no result yet? When a call has returned, io_uring opens what hung on other requests
 * (task work), and the registers still are those of the call. */
static __always_inline bool is_in_open(struct task_struct *task)
{
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);
	const struct aa_call *call = call_row(task, call_number(regs));

	return call && call->kind == AA_OPEN && result_register(regs) == before_result(regs);
}

/* Overlayfs opens what is below it unaccounted, or as whoever mounted it. */
static __always_inline bool is_for_caller(struct task_struct *task, struct file *file)
{
	__u64 own = (__u64)LOAD(struct task_struct, task, real_cred);

	return !(LOAD(struct file, file, f_mode) & FMODE_NOACCOUNT) &&
	       (__u64)LOAD(struct task_struct, task, cred) == own;
}

/* The path of what was noted. One that the call has made has a name, whatever the dentry looks like so early.
 * A global function: the verifier looks at it once. */
__noinline int keep_opened(bool made)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct aa_task *mark = bpf_task_storage_get(&tasks, task, NULL, 0);
	struct aa_resolved *r = bpf_task_storage_get(&resolved, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	struct aa_scratch *s = mark && r ? scratch_take() : NULL;
	bool kept;

	if (!s)
		return false;
	note_resolved(r, (struct dentry *)mark->opened_dentry);
	kept = keep_path(s, &r->path, r->names, mark->opened_dentry,
			 (__u64)mount_of((struct vfsmount *)mark->opened_mnt));
	if (made)
		r->path.flags &= ~AA_PATH_DELETED;
	record_drop(s);
	return kept;
}

/* The first file counts. A file system can make the kernel look the name up again (ESTALE), and then it may be another.
 */
static __always_inline void note_opened(struct task_struct *task, struct aa_task *mark, struct file *file)
{
	__u64 dentry = (__u64)LOAD(struct file, file, f_path.dentry), mnt = (__u64)LOAD(struct file, file, f_path.mnt);
	__u32 flags = LOAD(struct file, file, f_flags) & AA_OPENED_FLAGS;
	bool made = LOAD(struct file, file, f_mode) & FMODE_CREATED;

	if (mark->opened & AA_OPENED_BLIND)
		return;
	if (mark->opened & AA_OPENED_SEEN) {
		if (mark->opened_dentry != dentry || mark->opened_mnt != mnt)
			mark->opened |= AA_OPENED_SEVERAL;
		return;
	}
	mark->opened_dentry = dentry;
	mark->opened_mnt = mnt;
	mark->opened = flags | AA_OPENED_SEEN | (made ? AA_OPENED_CREATED : 0);
	/* without O_DIRECT hardly one fails that has made its file: do_dentry_open(), fs/open.c */
	if ((shares_descriptors(task) || (made && flags & O_DIRECT)) && keep_opened(made))
		mark->opened |= AA_OPENED_KEPT;
}

static __always_inline void on_file_open(struct file *file)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct aa_task *mark;

	/* as resolving() */
	if (state.ended || state.seeding || !is_marked(task) || !is_in_open(task) || !is_for_caller(task, file))
		return;
	mark = bpf_task_storage_get(&tasks, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (mark)
		note_opened(task, mark, file);
}

/* The end of the call */

/* Nothing is left for a later call. After one with this result what io_uring opens would look like part of it. */
static __always_inline __u32 take_opened(struct task_struct *task, struct pt_regs *regs, long result)
{
	bool blind = result == before_result(regs);
	struct aa_task *mark =
		cfg.resolves ? bpf_task_storage_get(&tasks, task, NULL, blind ? BPF_LOCAL_STORAGE_GET_F_CREATE : 0)
			     : NULL;
	__u32 opened = mark ? mark->opened : 0;

	if (mark)
		mark->opened = blind ? AA_OPENED_BLIND : 0;
	return opened;
}

static __always_inline bool is_told(__u32 opened)
{
	return (opened & (AA_OPENED_SEEN | AA_OPENED_SEVERAL)) == AA_OPENED_SEEN;
}

/* Is it the file that was seen, or that file opened once more? */
static __always_inline bool is_seen(struct task_struct *task, struct file *file)
{
	struct aa_task *mark = bpf_task_storage_get(&tasks, task, NULL, 0);

	return mark && mark->opened_dentry == (__u64)LOAD(struct file, file, f_path.dentry) &&
	       mark->opened_mnt == (__u64)LOAD(struct file, file, f_path.mnt);
}

/* The path that the hook left. False: it left none. A global function: the verifier looks at it once. */
__noinline int take_opened_path(struct aa_scratch *s, __u32 opened)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct aa_resolved *r = opened & AA_OPENED_KEPT ? bpf_task_storage_get(&resolved, task, NULL, 0) : NULL;
	struct aa_file *f;

	if (!s || !r)
		return false;
	f = file_record(s);
	take_path(s, &f->path, &f->place, &r->path, r->names);
	take_id(f, r);
	return f->place == AA_PLACE_FILE;
}

/* A file of O_TMPFILE is new without the kernel's mark; beside O_PATH the flag means nothing. */
static __always_inline void mark_created(struct aa_file *f, bool made)
{
	if (made || (f->flags & (O_TMPFILE_ALONE | O_PATH)) == O_TMPFILE_ALONE)
		f->marks |= AA_FILE_CREATED;
}

/* The file that was opened is the one behind the new descriptor, whatever the caller's string says by now. */
static __always_inline void add_opened_file(struct aa_scratch *s, struct file *file)
{
	struct aa_file *f = file_record(s);

	if (!file)
		return; /* another thread has closed it: the name has to do */
	mark_created(f, LOAD(struct file, file, f_mode) & FMODE_CREATED);
	add_file(s, file);
}

static __always_inline void add_opened(struct aa_scratch *s, struct task_struct *task, __u32 fd)
{
	file_record(s)->fd = fd;
	add_opened_file(s, file_of(task, fd));
}

/* Up to 6.12. */
struct file___6_12 {
	struct {
		long counter;
	} f_count;
} __attribute__((preserve_access_index));

static __always_inline bool is_held_once(struct file *file)
{
	struct file___6_12 *older = (void *)file;

	if (bpf_core_field_exists(file->f_ref))
		return !LOAD(struct file, file, f_ref.refcnt.counter); /* it counts the others */
	return BPF_CORE_READ(older, f_count.counter) == 1;
}

/* Looks the file like one that this call has just opened? One that was open before mostly has another descriptor too,
 * or was opened in another way, or something went through it. `flags`: of the call, as far as they are known. */
static __always_inline bool is_new(struct file *file, __u32 flags, __u32 known)
{
	__u32 kept = flags & O_PATH ? O_PATH : O_ACCMODE | O_APPEND | O_PATH | O_TMPFILE_ALONE;
	bool made = LOAD(struct file, file, f_mode) & FMODE_CREATED;

	return is_held_once(file) && !((LOAD(struct file, file, f_flags) ^ flags) & kept & known) &&
	       !LOAD(struct file, file, f_pos) && (made || (flags & known & O_MAKING) != O_MAKING);
}

/* The result of an open that may have been answered by somebody else: its descriptor must be there. */
static __always_inline long checked_open(struct task_struct *task, long result)
{
	return is_error(result) || file_of(task, result) || shares_descriptors(task) ? result : -AA_REFUSED;
}

#define PROC_SUPER_MAGIC 0x9fa0 /* include/uapi/linux/magic.h */
#define SYSFS_MAGIC 0x62656572
#define CGROUP_SUPER_MAGIC 0x27e0eb
#define CGROUP2_SUPER_MAGIC 0x63677270

/* Files of these have no size. */
static __always_inline bool has_sizes(struct inode *inode)
{
	struct super_block *super = LOAD(struct inode, inode, i_sb);
	unsigned long magic = LOAD(struct super_block, super, s_magic);

	return magic != PROC_SUPER_MAGIC && magic != SYSFS_MAGIC && magic != CGROUP_SUPER_MAGIC &&
	       magic != CGROUP2_SUPER_MAGIC;
}

/* What a file that was just emptied looks like. */
static __always_inline bool is_empty(struct file *file)
{
	struct inode *inode = LOAD(struct file, file, f_inode);

	return (LOAD(struct inode, inode, i_mode) & S_IFMT) == S_IFREG && !LOAD(struct inode, inode, i_size) &&
	       has_sizes(inode);
}

/* The flags of openat2 are in memory, and may be others by now than those that counted, which are `flags` without those
 * that are `unknown`: of these, the caller's word has to do, if the rest fits. False: it does not. */
static __always_inline bool correct_flags(struct aa_file *f, __u32 flags, __u32 unknown, bool made)
{
	__u32 others = (f->flags ^ flags) & ~(unknown | O_ADDED);

	if (!(f->marks & AA_FILE_NO_FLAGS) && !others && (!made || f->flags & O_CREAT))
		return true;
	f->marks = (f->marks & ~AA_FILE_NO_FLAGS) | AA_FILE_SOME_FLAGS;
	f->flags = (flags & ~O_LARGEFILE_ADDED) | (made ? O_CREAT : 0);
	return false;
}

/* The file keeps most of them. */
static __always_inline void add_flags_of(struct aa_file *f, struct file *file)
{
	bool made = LOAD(struct file, file, f_mode) & FMODE_CREATED;

	/* the caller's word must not hide that the file was emptied */
	if (correct_flags(f, LOAD(struct file, file, f_flags), O_FORGOTTEN, made) && !made &&
	    !(f->flags & (O_TRUNC | O_PATH)) && is_empty(file))
		f->marks |= AA_FILE_SOME_FLAGS;
}

/* A successful open. Without a hook, another thread may have put something else under the number, and who answers in
 * the kernel's place may name any. `how`: the flags were in memory. A global function: the verifier looks at it once.
 */
__noinline int add_opened_by_call(struct aa_scratch *s, __u32 fd, __u32 opened, bool how)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct file *file = file_of(task, fd);
	bool told, kept, shared = shares_descriptors(task);
	struct aa_file *f;

	if (!s)
		return 0;
	f = file_record(s);
	f->fd = fd;
	f->marks &= ~AA_FILE_UNVERIFIED;
	/* the kernel does not ask about what is opened with O_PATH */
	told = is_told(opened) && (how || !(f->flags & O_PATH));
	kept = told && take_opened_path(s, opened);
	told = kept || (told && file && is_seen(task, file));
	if (how && told)
		correct_flags(f, opened & AA_OPENED_FLAGS, O_CLOEXEC, opened & AA_OPENED_CREATED);
	else if (how && file)
		add_flags_of(f, file);
	if (told)
		mark_created(f, opened & AA_OPENED_CREATED);
	else if (!file || (shared && opened & AA_OPENED_SEEN) || !is_new(file, f->flags, how ? 0 : ~0U))
		f->marks |= shared ? AA_FILE_DOUBTFUL : AA_FILE_UNVERIFIED;
	if (!kept)
		add_opened_file(s, file);
	return 0;
}

/* One that failed may have made its file all the same. */
static __always_inline void add_opened_by_failed(struct aa_scratch *s, struct task_struct *task, __u32 opened)
{
	struct aa_file *f = file_record(s);

	/* a tracer can have io_uring open something when the call begins: ptrace_notify(), kernel/signal.c */
	if (!is_told(opened) || LOAD(struct task_struct, task, ptrace))
		return;
	f->marks |= opened & AA_OPENED_CREATED ? AA_FILE_CREATED : AA_FILE_NOT_CREATED;
	if (opened & AA_OPENED_CREATED)
		take_opened_path(s, opened);
}

#endif
