/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * Names as the kernel resolved them. Before it changes anything under a name it asks the security modules; a hook there
 * leaves the path in the task's storage, and the program at the end of the system call takes it, instead of the
 * caller's string. Where no such hook runs, the string has to do.
 */
#ifndef AA_RESOLVED_BPF_H
#define AA_RESOLVED_BPF_H

#include "path.bpf.h"
#include "syscall.bpf.h"
#include "watch.bpf.h"

static __always_inline bool acts_on_name(const struct aa_call *call)
{
	return call->path && aa_kind_has(call->kind, AA_KIND_NAMED);
}

/* The hooks */

/* The system call that the current task is in, if its events may take a name. A worker of io_uring is in none, and says
 * what its creator was in; nothing is taken from there. */
static __always_inline struct aa_call *name_call(struct task_struct *task)
{
	struct aa_call *call = call_row(task, call_number((struct pt_regs *)bpf_task_pt_regs(task)));

	return call && acts_on_name(call) ? call : NULL;
}

/* Only by its mark: a task that is watched without one has the caller's strings in its events. */
static __always_inline bool is_marked(struct task_struct *task)
{
	__u32 flags = task_flags(task);

	if (flags & AA_TASK_EXCLUDED)
		return false;
	return cfg.watch_all ? is_in_namespace(task) : flags & AA_TASK_WATCHED;
}

/* Where to leave what is resolved. NULL: nobody asks. `attribute`: only for calls on extended attributes, which other
 * calls change too; a file system on top of another one asks for those again, of what is below: the first is what the
 * caller named, and NULL comes after it. Otherwise the last one is: the kernel resolved the name again. */
static __always_inline struct aa_resolved *resolving(bool attribute)
{
	struct task_struct *task = bpf_get_current_task_btf();
	const struct aa_call *call;
	struct aa_resolved *r;

	/* of a call that began before the hooks the end may not be seen, which would leave this for a later call */
	if (state.ended || state.seeding || !is_marked(task))
		return NULL;
	call = name_call(task);
	if (!call || (attribute && call->kind != AA_XATTR))
		return NULL;
	r = bpf_task_storage_get(&resolved, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	return r && !(attribute && r->asked) ? r : NULL;
}

/* A length that was found to fit, again where it is used: what the compiler had put aside before it compared has no
 * limit for the verifier of 6.1. */
static __always_inline __u64 fitting(__u64 length)
{
	asm volatile("if %0 <= %1 goto +1\n%0 = %1" : "+r"(length) : "i"(AA_RESOLVED_MAX));
	return length;
}

/* Walks in scratch memory, for a record that is never sent, and copies from there. False: too long, or unreadable. */
static __always_inline bool keep_path(struct aa_scratch *s, struct aa_path *path, char *names, __u64 dentry,
				      __u64 mount)
{
	struct aa_file *f = file_record(s);
	__u32 length;

	s->size = sizeof *f;
	__builtin_memset(f, 0, sizeof *f);
	s->walk.first_dentry = dentry;
	s->walk.first_mount = mount;
	walk_path(s, &f->path, AA_FILE_PATH);
	length = f->path.names.length;
	*path = f->path;
	if (f->header.cut || f->header.unreadable || length > AA_RESOLVED_MAX)
		return false;
	return !bpf_probe_read_kernel(names, fitting(length), s->record + sizeof *f);
}

/* A dentry of another file system than the mount's is of one below it. */
static __always_inline bool is_on(const void *dentry, const void *mnt)
{
	return LOAD(struct dentry, (struct dentry *)dentry, d_sb) ==
	       LOAD(struct vfsmount, (struct vfsmount *)mnt, mnt_sb);
}

/* What a name is of, in the end: a file that is removed keeps its numbers only until then. */
static __always_inline void note_resolved(struct aa_resolved *r, struct dentry *dentry)
{
	struct inode *inode = LOAD(struct dentry, dentry, d_inode);
	struct super_block *super = LOAD(struct dentry, dentry, d_sb);

	r->inode = inode ? LOAD(struct inode, inode, i_ino) : 0;
	r->device = inode ? LOAD(struct super_block, super, s_dev) : 0;
}

/* What a hook knows about the names of a call. */
enum aa_names {
	AA_NAMES_NEW = 1 << 0, /* the first one may be without a file: it is not a deleted one's */
	AA_NAMES_ATTRIBUTE = 1 << 1,
	AA_NAMES_RENAME = 1 << 2, /* the first one is to get the second name */
};

/* What stands under the second name when the kernel asks, which nobody else can change until it is done: it holds both
 * directories (lock_rename(), fs/namei.c). Two names of one file both stay. Returns marks of a record. */
static __always_inline __u16 replaced_by(const struct dentry *first, const struct dentry *second)
{
	struct inode *gone = LOAD(const struct dentry, second, d_inode);

	if (!gone)
		return AA_FILE_NOT_REPLACED;
	return gone == LOAD(const struct dentry, first, d_inode) ? 0 : AA_FILE_REPLACED;
}

/* Both dentries are on the same mount; `second` 0: there is none; `mnt` 0: the one that the call asked to write to.
 * A global function: the verifier looks at it once. */
__noinline int keep_names(__u64 first, __u64 second, __u64 mnt, __u32 which)
{
	struct aa_resolved *r = resolving(which & AA_NAMES_ATTRIBUTE);
	struct aa_scratch *s;
	__u64 mount;

	if (!r)
		return 0;
	if (!mnt)
		mnt = r->mnt;
	if (!mnt || !is_on((void *)first, (void *)mnt))
		return 0;
	r->asked = true;
	r->kept = false;
	note_resolved(r, (struct dentry *)first);
	if (which & AA_NAMES_RENAME)
		r->replaced = replaced_by((struct dentry *)first, (struct dentry *)second);
	s = scratch_take();
	if (!s)
		return 0;
	mount = (__u64)mount_of((struct vfsmount *)mnt);
	r->kept = keep_path(s, &r->path, r->names, first, mount) &&
		  (!second || keep_path(s, &r->new_path, r->new_names, second, mount));
	if (which & AA_NAMES_NEW)
		r->path.flags &= ~AA_PATH_DELETED;
	r->new_path.flags &= ~AA_PATH_DELETED;
	record_drop(s);
	return 0;
}

/* A pointer from the context of a hook, as a number. */
static __always_inline __u64 hook_argument(const __u64 *argument)
{
	__u64 number = 0;

	bpf_probe_read_kernel(&number, sizeof number, argument);
	return number;
}

static __always_inline __u64 mount_on(const struct path *path)
{
	return (__u64)BPF_CORE_READ(path, mnt);
}

/* The mount of a name whose hook has none. */
static __always_inline void on_mount_to_write(const struct vfsmount *mnt)
{
	struct aa_resolved *r = resolving(true);

	if (r)
		r->mnt = (__u64)mnt;
}

/* The end of the call */

static __always_inline void forget_names(struct task_struct *task)
{
	struct aa_resolved *r = cfg.resolves ? bpf_task_storage_get(&resolved, task, NULL, 0) : NULL;

	if (!r)
		return;
	r->asked = r->kept = false;
	r->replaced = 0;
	r->mnt = 0;
}

static __always_inline void take_path(struct aa_scratch *s, struct aa_path *path, __u8 *place,
				      const struct aa_path *from, const char *names)
{
	__u32 length = from->names.length;

	if (length > AA_RESOLVED_MAX || bpf_probe_read_kernel(record_end(s), fitting(length), names))
		return;
	*path = *from;
	*place = AA_PLACE_FILE;
	take_span(s, &path->names, length);
}

static __always_inline void take_id(struct aa_file *f, const struct aa_resolved *r)
{
	if (f->place != AA_PLACE_FILE)
		return;
	f->inode = r->inode;
	f->device = r->device;
}

/* What the hook of the call left, if one did. */
static __always_inline void take_names(struct aa_scratch *s, struct task_struct *task, bool two)
{
	struct aa_resolved *r = cfg.resolves ? bpf_task_storage_get(&resolved, task, NULL, 0) : NULL;
	struct aa_file *f = file_record(s);

	if (r)
		f->marks |= r->replaced;
	if (!r || !r->kept)
		return;
	take_path(s, &f->path, &f->place, &r->path, r->names);
	take_id(f, r);
	if (two)
		take_path(s, &f->new_path, &f->new_place, &r->new_path, r->new_names);
}

#endif
