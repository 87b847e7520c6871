/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * The path of a file: a walk over dentries and mounts up to the root of the mount namespace, as d_path() in fs/d_path.c
 * does it. Names are stored from the last component to the first, so that each is appended where the one before ended;
 * user space turns the order round.
 */
#ifndef AA_PATH_BPF_H
#define AA_PATH_BPF_H

#include "climb.bpf.h"
#include "emit.bpf.h"
#include "load.bpf.h"

#define AA_MOUNTS_MAX 32 /* mount points on a path that is captured whole */

/* include/uapi/linux/magic.h: here only the file system knows what a file is called (d_dname) */
#define NSFS_MAGIC 0x6e736673
#define PID_FS_MAGIC 0x50494446
#define AA_NAMESPACE_MAX 32 /* the name of a kind of namespace, with its NUL */

/* How often a walk is begun anew because something on the way was moved meanwhile. A path of which a part is moved
 * without a break is then unreadable. */
#define AA_WALK_TRIES 8
#define AA_WALK_TRIES_LONG 2 /* of a path that does not fit: up to AA_CLIMB_MAX steps, four times each */

#define AA_PATH_LONG -1
#define AA_PATH_BROKEN -2
#define AA_PATH_ON -3 /* not at its end yet */
#define AA_PATH_MOVED -4 /* something on the way changed during the walk */

/* Short names lie inside the dentry (since 6.14 in words): a load or two instead of a helper. */
static __always_inline bool is_inside(struct dentry *dentry, const void *name)
{
	return cfg.typed_loads && bpf_core_field_exists(dentry->d_shortname) &&
	       name == (void *)dentry + bpf_core_field_offset(struct dentry, d_shortname);
}

static __always_inline void copy_inside(char *to, struct dentry *dentry, __u32 length)
{
	struct dentry *d = TYPED(struct dentry, dentry);
	__u64 *words = (__u64 *)to;

	words[0] = d->d_shortname.words[0];
	if (length < 8)
		return;
	words[1] = d->d_shortname.words[1];
	if (length < 16)
		return;
	words[2] = d->d_shortname.words[2];
	words[3] = d->d_shortname.words[3];
	words[4] = d->d_shortname.words[4];
}

/* Where the name of the dentry is that was looked at last, and how long. */
static __always_inline const void *find_name(struct aa_scratch *s, struct dentry *dentry, __u32 *length)
{
	const void *name = s->walk.dentry_bytes + AA_OFFSET_NAME - AA_OFFSET_SEEN;

	if (is_read_at_once()) {
		*length = *(__u32 *)(name + bpf_core_field_offset(struct qstr, len));
		return *(void **)(name + bpf_core_field_offset(struct qstr, name));
	}
	*length = LOAD(struct dentry, dentry, d_name.len);
	return LOAD(struct dentry, dentry, d_name.name);
}

/* Appends the name of the dentry where the walk stands, and a '/'. A file system may have names of more than NAME_MAX
 * bytes (FUSE_NAME_MAX). */
static __always_inline bool append_name(struct aa_scratch *s)
{
	struct dentry *dentry = walk_at(s).dentry;
	__u32 length;
	const void *name = find_name(s, dentry, &length);
	char *end = record_end(s);

	if (length >= AA_PATH_MAX)
		return false;
	if (is_inside(dentry, name))
		copy_inside(end, dentry, length);
	else if (bpf_probe_read_kernel(end, length, name))
		return false;
	end[length] = '/';
	s->size += length + 1;
	return true;
}

/* The kind of a namespace, and a ':'. */
static __always_inline bool append_namespace(struct aa_scratch *s, struct inode *inode)
{
	struct ns_common *ns = LOAD(struct inode, inode, i_private);
	const struct proc_ns_operations *ops = LOAD(struct ns_common, ns, ops);
	char *end = record_end(s);
	long length =
		bpf_probe_read_kernel_str(end, AA_NAMESPACE_MAX, LOAD(const struct proc_ns_operations, ops, name));

	if (length < 1 || length > AA_NAMESPACE_MAX)
		return false;
	end[length - 1] = ':';
	end[length] = '/';
	s->size += length + 1;
	return true;
}

/* What a file without a path is called, if that is what it is: on a file system of its own the kernel has it so, and
 * each file stands alone. Where the walk ends otherwise, a place was taken out of all mounts, or never was in one. */
static __always_inline bool append_own_name(struct aa_scratch *s, struct dentry *dentry)
{
	const struct dentry_operations *ops = LOAD(struct dentry, dentry, d_op);
	struct inode *inode = LOAD(struct dentry, dentry, d_inode);
	struct super_block *super = LOAD(struct inode, inode, i_sb);
	unsigned long magic = LOAD(struct super_block, super, s_magic);

	if ((__u64)dentry != s->walk.first_dentry || !ops || !LOAD(const struct dentry_operations, ops, d_dname))
		return false;
	if (magic == NSFS_MAGIC)
		return append_namespace(s, inode);
	if (magic != PID_FS_MAGIC)
		return append_name(s);
	__builtin_memcpy(record_end(s), "[pidfd]/", 8);
	s->size += 8;
	return true;
}

/* One name, or one mount, on the way up. Returns AA_PATH_ON, or what append_names() does. A global function: the
 * verifier looks at it once, not in each turn of the loop. */
__noinline int step_up(struct aa_scratch *s)
{
	struct dentry *parent;
	enum aa_step step;
	struct aa_walk w;

	if (!s)
		return AA_PATH_BROKEN;
	w = walk_at(s);
	step = find_parent(s, &w, &parent);
	if (step == AA_STEP_TOP)
		return 0;
	s->walk.dentry = (__u64)w.dentry; /* as find_parent() has it: the name is read after the count */
	if (step != AA_STEP_MOUNT) {
		if (s->walk.count++ == AA_PATH_DEPTH)
			return AA_PATH_LONG;
		if (step == AA_STEP_DETACHED)
			return AA_PATH_DETACHED;
		if (!append_name(s))
			return AA_PATH_BROKEN;
		if (s->size - s->walk.begin > AA_PATH_MAX)
			return AA_PATH_LONG;
		w.dentry = parent;
	}
	walk_on_from(s, w);
	return AA_PATH_ON;
}

/* The rest of a long walk. What it needs is in scratch memory: the stacks of a chain of calls have 512 bytes. */
static long ascend(__u32 index, struct aa_scratch **s)
{
	(*s)->walk.end = step_up(*s);
	return (*s)->walk.end != AA_PATH_ON;
}

/* Appends the names from s->walk up to the root, where it leaves s->walk. Returns enum aa_path_flag, or AA_PATH_LONG,
 * AA_PATH_BROKEN. A global function: the verifier looks at it once, not at each of its calls. */
__noinline int append_names(struct aa_scratch *s)
{
	int end = AA_PATH_ON;

	if (!s)
		return AA_PATH_BROKEN;
	s->walk.begin = s->size;
	s->walk.count = 0;
	for (__u64 i = 0; i < AA_STEPS_INLINE && end == AA_PATH_ON; i++)
		end = step_up(s);
	if (end != AA_PATH_ON)
		return end;
	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_loop)) {
		bpf_loop(AA_PATH_DEPTH + AA_MOUNTS_MAX, ascend, &s, 0);
		end = s->walk.end;
	} else {
		for (__u64 i = 0; i < AA_PATH_DEPTH + AA_MOUNTS_MAX && end == AA_PATH_ON; i++)
			end = step_up(s);
	}
	return end == AA_PATH_ON ? AA_PATH_LONG : end;
}

static __always_inline bool is_unlinked(struct dentry *dentry)
{
	return !LOAD(struct dentry, dentry, d_hash.pprev) && LOAD(struct dentry, dentry, d_parent) != dentry;
}

/* What stands where the walk ended: false if that is no beginning of a path. A global function: what it needs of the
 * stack is not on top of the deepest chain of calls. */
__noinline int take_end(struct aa_scratch *s, int flags)
{
	struct aa_walk end;

	if (!s || flags < 0)
		return false;
	end = walk_at(s);
	return flags & AA_PATH_DETACHED ? append_own_name(s, end.dentry) : !is_nowhere(end.mount);
}

/* One try at the path of s->walk.first_*: its names at the record's end. Returns enum aa_path_flag, AA_PATH_MOVED or
 * AA_PATH_BROKEN. No function of its own: the kernel takes eight calls into each other, and io_uring's have them all.
 */
static __always_inline int try_walk(struct aa_scratch *s)
{
	bool whole;
	int flags;

	walk_from_first(s);
	flags = append_names(s);
	s->walk.cut = flags == AA_PATH_LONG;
	if (s->walk.cut) {
		s->size = s->walk.begin;
		if (!skip_to_prefix(s))
			return AA_PATH_BROKEN;
		flags = append_names(s);
	} else if (is_unlinked((void *)s->walk.first_dentry)) {
		flags |= AA_PATH_DELETED;
	}
	whole = take_end(s, flags);
	/* what makes no sense may be of two moments too */
	if (!is_unchanged(s))
		return AA_PATH_MOVED;
	return whole ? flags : AA_PATH_BROKEN;
}

/* The path of s->walk.first_*, the string `string` of the record. A global function: the verifier looks at it once. */
__noinline int walk_path(struct aa_scratch *s, struct aa_path *path, __u32 string)
{
	int flags = AA_PATH_MOVED;
	struct dentry *dentry;

	if (!s || !path)
		return 0;
	s->walk.begin = s->size;
	s->walk.cut = false;
	s->walk.climbed = 0;
	for (__u64 i = 0; i < AA_WALK_TRIES && flags == AA_PATH_MOVED; i++) {
		if (s->walk.cut && i >= AA_WALK_TRIES_LONG)
			break;
		s->size = s->walk.begin;
		flags = try_walk(s);
		s->walk.climbed += s->walk.count;
	}
	count_work(AA_WORK_STEPS, s->walk.climbed);
	if (flags < 0) {
		s->size = s->walk.begin;
		mark_unreadable(s, string);
		return 0;
	}
	if (s->walk.cut)
		mark_cut(s, string);
	path->names.offset = s->walk.begin;
	path->names.length = s->size - s->walk.begin;
	path->flags = flags;
	if (flags & AA_PATH_DETACHED) {
		dentry = (void *)s->walk.first_dentry;
		path->mode = BPF_CORE_READ(dentry, d_inode, i_mode);
		path->inode = BPF_CORE_READ(dentry, d_inode, i_ino);
	}
	return 0;
}

static __always_inline void add_path(struct aa_scratch *s, struct aa_path *path, __u32 string, struct dentry *dentry,
				     struct vfsmount *mnt)
{
	s->walk.first_dentry = (__u64)dentry;
	s->walk.first_mount = (__u64)mount_of(mnt);
	walk_path(s, path, string);
}

/* The file must be one that stays open during the call; NULL counts as unreadable. */
static __always_inline void add_file_path(struct aa_scratch *s, struct aa_path *path, __u32 string, struct file *file)
{
	if (file)
		add_path(s, path, string, LOAD(struct file, file, f_path.dentry), LOAD(struct file, file, f_path.mnt));
	else
		mark_unreadable(s, string);
}

/* Which file it is. NULL: not known. A file system that has several devices for its files (btrfs) has none of them
 * here, but its own. */
static __always_inline void note_inode(struct aa_file *f, struct inode *inode)
{
	struct super_block *super;

	if (!inode)
		return;
	super = LOAD(struct inode, inode, i_sb);
	f->device = LOAD(struct super_block, super, s_dev);
	f->inode = LOAD(struct inode, inode, i_ino);
}

/* The file of the event. NULL counts as unreadable. */
static __always_inline void add_file(struct aa_scratch *s, struct file *file)
{
	struct aa_file *f = file_record(s);

	f->place = AA_PLACE_FILE;
	if (file)
		note_inode(f, LOAD(struct file, file, f_inode));
	add_file_path(s, &f->path, AA_FILE_PATH, file);
}

/* The file behind a descriptor of the task, NULL if there is none. */
static __always_inline struct file *file_of(struct task_struct *task, __u32 fd)
{
	struct files_struct *files = LOAD(struct task_struct, task, files);
	struct fdtable *table = files ? LOAD(struct files_struct, files, fdt) : NULL;

	if (!table || fd >= LOAD(struct fdtable, table, max_fds))
		return NULL;
	return LOAD_POINTER(struct file, LOAD(struct fdtable, table, fd) + fd);
}

/* Can others change what the descriptors of the task mean? Without a table nothing is known of that. */
static __always_inline bool shares_descriptors(struct task_struct *task)
{
	struct files_struct *files = LOAD(struct task_struct, task, files);

	return !files || LOAD(struct files_struct, files, count.counter) != 1;
}

#endif
