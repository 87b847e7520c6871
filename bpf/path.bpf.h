/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * The path of a file: a walk over dentries and mounts up to the root of the mount namespace, as d_path() in fs/d_path.c
 * does it. Names are stored from the last component to the first, so that each is appended where the one before ended;
 * user space turns the order round.
 */
#ifndef AA_PATH_BPF_H
#define AA_PATH_BPF_H

#include "emit.bpf.h"
#include "load.bpf.h"

#define AA_NAME_MAX 255 /* NAME_MAX */
#define AA_MOUNTS_MAX 32 /* mount points on a path that is captured whole */
#define AA_CLIMB_MAX 1024 /* components and mount points of a path that is cut; deeper ones are unreadable */

/* include/uapi/linux/magic.h: here only the file system knows what a file is called (d_dname) */
#define NSFS_MAGIC 0x6e736673
#define PID_FS_MAGIC 0x50494446
#define MNT_NS_ANON_INO 0xEFFFFFF7U /* include/uapi/linux/nsfs.h, 6.18 and later; before, the number is 0 */
#define AA_NAMESPACE_MAX 32 /* the name of a kind of namespace, with its NUL */

#define AA_PATH_LONG -1
#define AA_PATH_BROKEN -2
#define AA_PATH_ON -3 /* not at its end yet */
#define AA_STEPS_INLINE 16 /* of a walk: most end before, the verifier looks at each, and a loop's call costs time */

/* Where a walk stands. */
struct aa_walk {
	struct dentry *dentry;
	struct mount *mount;
};

static __always_inline struct mount *mount_of(struct vfsmount *mnt)
{
	return HOLDER_OF(mnt, struct mount, mnt);
}

enum aa_step {
	AA_STEP_NAME, /* the dentry has a name in its parent */
	AA_STEP_MOUNT, /* went from a mount's root to where it is mounted */
	AA_STEP_TOP, /* at the root of the namespace, or of a mount that is_nowhere() */
	AA_STEP_DETACHED, /* at a root that is mounted nowhere */
};

/* Says what stands above w->dentry; crosses into the parent mount itself. `parent`: for AA_STEP_NAME. */
static __always_inline enum aa_step look_up(struct aa_walk *w, struct dentry **parent)
{
	*parent = LOAD(struct dentry, w->dentry, d_parent);
	if (w->dentry == LOAD(struct mount, w->mount, mnt.mnt_root)) {
		struct mount *above = LOAD(struct mount, w->mount, mnt_parent);

		if (above == w->mount)
			return AA_STEP_TOP;
		w->dentry = LOAD(struct mount, w->mount, mnt_mountpoint);
		w->mount = above;
		return AA_STEP_MOUNT;
	}
	return *parent == w->dentry ? AA_STEP_DETACHED : AA_STEP_NAME;
}

/* Not mounted: taken away while it was in use (umount -l), or not yet there (open_tree, fsmount). */
static __always_inline bool is_nowhere(struct mount *top)
{
	struct mnt_namespace *ns = LOAD(struct mount, top, mnt_ns);
	__u32 number = LOAD(struct mnt_namespace, ns, ns.inum);

	return !number || number == MNT_NS_ANON_INO;
}

/* Where a walk begins. */
static __always_inline void walk_from(struct aa_scratch *s, __u64 dentry, __u64 mount)
{
	s->walk.dentry = dentry;
	s->walk.mount = mount;
}

/* Read anew in each turn of a loop: pointers that were carried over in registers have more types than the verifier can
 * merge. */
static __always_inline struct aa_walk walk_on(struct aa_scratch *s)
{
	return (struct aa_walk){(void *)*(volatile __u64 *)&s->walk.dentry, (void *)*(volatile __u64 *)&s->walk.mount};
}

/* What climbing a path that is too long does with its extent (components in the upper half, bytes in the lower). */
struct aa_climb {
	struct aa_scratch *s;
	bool measuring; /* adds up to the top; otherwise subtracts until the rest fits */
	bool done;
};

static __always_inline bool fits(__u64 extent)
{
	return extent >> 32 <= AA_PATH_DEPTH && (__u32)extent < AA_PATH_MAX;
}

static long climb(__u32 index, struct aa_climb *c)
{
	struct aa_scratch *s = c->s;
	struct aa_walk w = walk_on(s);
	struct dentry *parent;
	enum aa_step step;
	__u64 name;

	if (!c->measuring && fits(s->walk.extent)) {
		c->done = true;
		return 1;
	}
	step = look_up(&w, &parent);
	if (step != AA_STEP_NAME && step != AA_STEP_MOUNT) {
		c->done = c->measuring;
		return 1;
	}
	if (step == AA_STEP_NAME) {
		name = (1ULL << 32) + LOAD(struct dentry, w.dentry, d_name.len) + 1;
		s->walk.extent += c->measuring ? name : -name;
		w.dentry = parent;
	}
	walk_from(s, (__u64)w.dentry, (__u64)w.mount);
	return 0;
}

/* The walk again for a path that is longer than what fits: moves its beginning up to the longest prefix of whole
 * components. Without bpf_loop (before 5.17) such a path is unreadable. */
__noinline int skip_to_prefix(struct aa_scratch *s)
{
	struct aa_climb c = {.s = s, .measuring = true};

	if (!s || !bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_loop))
		return false;
	walk_from(s, s->walk.first_dentry, s->walk.first_mount);
	s->walk.extent = 0;
	bpf_loop(AA_CLIMB_MAX, climb, &c, 0);
	if (!c.done)
		return false;
	c.measuring = c.done = false;
	walk_from(s, s->walk.first_dentry, s->walk.first_mount);
	bpf_loop(AA_CLIMB_MAX, climb, &c, 0);
	return c.done;
}

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

/* Appends the name of the dentry where the walk stands, and a '/'. A global function: the verifier looks at it once,
 * not in each turn of the loop. */
__noinline int append_name(struct aa_scratch *s)
{
	struct dentry *dentry;
	const void *name;
	__u32 length;
	char *end;

	if (!s)
		return false;
	dentry = walk_on(s).dentry;
	length = LOAD(struct dentry, dentry, d_name.len) & AA_NAME_MAX;
	name = LOAD(struct dentry, dentry, d_name.name);
	end = record_end(s);
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

/* What a file without a path is called. */
static __always_inline bool append_own_name(struct aa_scratch *s, struct dentry *dentry)
{
	struct inode *inode = LOAD(struct dentry, dentry, d_inode);
	struct super_block *super = LOAD(struct inode, inode, i_sb);
	unsigned long magic = LOAD(struct super_block, super, s_magic);

	if (magic == NSFS_MAGIC)
		return append_namespace(s, inode);
	if (magic != PID_FS_MAGIC)
		return append_name(s);
	__builtin_memcpy(record_end(s), "[pidfd]/", 8);
	s->size += 8;
	return true;
}

/* One name, or one mount, on the way up. Returns AA_PATH_ON, or what append_names() does. */
static __always_inline int step_up(struct aa_scratch *s)
{
	struct aa_walk w = walk_on(s);
	struct dentry *parent;
	enum aa_step step = look_up(&w, &parent);

	if (step == AA_STEP_TOP)
		return 0;
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
	walk_from(s, (__u64)w.dentry, (__u64)w.mount);
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

/* What stands where the walk ended: false if that is no beginning of a path. */
static __always_inline bool take_end(struct aa_scratch *s, int flags)
{
	struct aa_walk end = walk_on(s);

	if (flags < 0)
		return false;
	return flags & AA_PATH_DETACHED ? append_own_name(s, end.dentry) : !is_nowhere(end.mount);
}

/* The path of s->walk.first_*, the string `string` of the record. A global function: the verifier looks at it once. */
__noinline int walk_path(struct aa_scratch *s, struct aa_path *path, __u32 string)
{
	struct dentry *dentry;
	__u32 first;
	int flags;

	if (!s || !path)
		return 0;
	dentry = (void *)s->walk.first_dentry;
	first = s->size;
	walk_from(s, s->walk.first_dentry, s->walk.first_mount);
	flags = append_names(s);
	if (flags == AA_PATH_LONG) {
		s->size = first;
		flags = skip_to_prefix(s) ? append_names(s) : AA_PATH_BROKEN;
		mark_cut(s, string);
	} else if (is_unlinked(dentry)) {
		flags |= AA_PATH_DELETED;
	}
	if (!take_end(s, flags)) {
		s->size = first;
		mark_unreadable(s, string);
		return 0;
	}
	path->names.offset = first;
	path->names.length = s->size - first;
	path->flags = flags;
	if (flags & AA_PATH_DETACHED) {
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

static __always_inline void add_cwd(struct aa_scratch *s, struct aa_path *path, __u32 string, struct task_struct *task)
{
	struct fs_struct *fs = LOAD(struct task_struct, task, fs);

	add_path(s, path, string, LOAD(struct fs_struct, fs, pwd.dentry), LOAD(struct fs_struct, fs, pwd.mnt));
}

static __always_inline void add_root(struct aa_scratch *s, struct aa_path *path, __u32 string, struct task_struct *task)
{
	struct fs_struct *fs = LOAD(struct task_struct, task, fs);

	add_path(s, path, string, LOAD(struct fs_struct, fs, root.dentry), LOAD(struct fs_struct, fs, root.mnt));
}

/* Is the root of the task another one than that of its mount namespace? */
static __always_inline bool is_chrooted(struct task_struct *task)
{
	struct fs_struct *fs = LOAD(struct task_struct, task, fs);
	struct aa_walk w = {LOAD(struct fs_struct, fs, root.dentry), mount_of(LOAD(struct fs_struct, fs, root.mnt))};

	for (__u64 i = 0; i < AA_MOUNTS_MAX; i++) {
		struct dentry *parent;
		enum aa_step step = look_up(&w, &parent);

		if (step != AA_STEP_MOUNT)
			return step != AA_STEP_TOP || is_nowhere(w.mount);
	}
	return true;
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

#endif
