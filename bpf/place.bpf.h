/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * Where the current task is: its working directory and its root, which other threads may change meanwhile, and whether
 * that root is the one of its mount namespace.
 */
#ifndef AA_PLACE_BPF_H
#define AA_PLACE_BPF_H

#include "path.bpf.h"

#define AA_PLACE_TRIES 4 /* to read where a task is while other threads change it */

/* A look at a place of a task. */
struct aa_place_look {
	struct fs_struct *fs;
	struct path *at; /* its pwd or root */
	struct aa_walk place;
	bool taken;
};

static long look_at_place(__u32 index, struct aa_place_look *l)
{
	__u32 fence = 0, before = LOAD_SEQUENCE(struct fs_struct, l->fs, seq);
	struct path *path = read_after(l->at, before);

	l->place.dentry = LOAD(struct path, path, dentry);
	l->place.mount = mount_of(LOAD(struct path, path, mnt));
	read_all_before(&fence);
	l->taken = !(before & 1) && LOAD_SEQUENCE(struct fs_struct, l->fs, seq) == before;
	return l->taken;
}

/* The working directory of the current task, or its root. Another thread that shares them may change them: dentry and
 * mount are of one moment. False: it is changed without a break. */
static __always_inline bool take_place(bool root, struct aa_walk *place)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct aa_place_look l = {.fs = LOAD(struct task_struct, task, fs)};

	if (root)
		l.at = (void *)l.fs + bpf_core_field_offset(struct fs_struct, root);
	else
		l.at = (void *)l.fs + bpf_core_field_offset(struct fs_struct, pwd);
	if (!look_at_place(0, &l))
		LOOP(AA_PLACE_TRIES - 1, AA_PLACE_TRIES - 1, look_at_place, &l);
	*place = l.place;
	return l.taken;
}

/* The place as the beginning of a walk. False: it is not to be had.
 * A global function: the verifier looks at it once, and its stack is not on top of the deepest chain of calls. */
__noinline int walk_from_place(struct aa_scratch *s, bool root)
{
	struct aa_walk place;

	if (!s || !take_place(root, &place))
		return false;
	s->walk.first_dentry = (__u64)place.dentry;
	s->walk.first_mount = (__u64)place.mount;
	return true;
}

static __always_inline void add_place(struct aa_scratch *s, struct aa_path *path, __u32 string, bool root)
{
	if (walk_from_place(s, root))
		walk_path(s, path, string);
	else
		mark_unreadable(s, string);
}

/* Of the current task. */
static __always_inline void add_cwd(struct aa_scratch *s, struct aa_path *path, __u32 string)
{
	add_place(s, path, string, false);
}

static __always_inline void add_root(struct aa_scratch *s, struct aa_path *path, __u32 string)
{
	add_place(s, path, string, true);
}

/* The way from a root to that of the mount namespace. */
struct aa_root_climb {
	struct aa_walk at;
	bool chrooted;
};

static long leave_mount(__u32 index, struct aa_root_climb *c)
{
	struct mount *above = LOAD(struct mount, c->at.mount, mnt_parent);

	if (c->at.dentry != LOAD(struct mount, c->at.mount, mnt.mnt_root))
		return 1;
	if (above == c->at.mount) {
		c->chrooted = is_nowhere(c->at.mount);
		return 1;
	}
	c->at.dentry = LOAD(struct mount, c->at.mount, mnt_mountpoint);
	c->at.mount = above;
	return 0;
}

/* Is the root of the current task another one than that of its mount namespace?
 * A global function: the verifier looks at it once. */
__noinline int is_chrooted(void)
{
	struct aa_root_climb c = {.chrooted = true};

	if (!take_place(true, &c.at))
		return true;
	/* mostly two: the root, and what the kernel has below it */
	if (!leave_mount(0, &c) && !leave_mount(1, &c))
		LOOP(AA_MOUNTS_MAX - 2, AA_MOUNTS_MAX - 2, leave_mount, &c);
	return c.chrooted;
}

#endif
