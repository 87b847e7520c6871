/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * The way from a file up to the root of its mount namespace, over dentries and mounts, while other processors rename
 * and mount: what a walk took was all there at one moment, or the walk is known to be worth nothing.
 *
 * The kernel counts the changes of a dentry's name and parent in its d_seq: odd while one is under way (__d_move() in
 * fs/dcache.c). A walk notes the count of each dentry that it meets, before it looks at parent and name, and when it
 * has all, looks at the counts once more. If they are the same, nothing changed between the two times that each was
 * looked at, and so at the moment when the walk was done all was as it has it. Mounts have no count: of these what they
 * are mounted on is noted, and one that was moved away and back meanwhile is taken for one that stayed. Not rename_lock
 * and mount_lock: a kernel without CONFIG_KALLSYMS_ALL does not tell where they are, and any rename on the machine
 * would disturb every walk.
 */
#ifndef AA_CLIMB_BPF_H
#define AA_CLIMB_BPF_H

#include "emit.bpf.h"
#include "load.bpf.h"

#define AA_CLIMB_MAX 1024 /* components and mount points of a path that is cut; deeper ones are unreadable */
#define AA_SEEN_UNLOOPED 256 /* without bpf_loop (before 5.17): names and mounts of a path that is captured whole */
#define AA_STEPS_INLINE 16 /* of a walk: most end before, the verifier looks at each, and a loop's call costs time */

#define MNT_NS_ANON_INO 0xEFFFFFF7U /* include/uapi/linux/nsfs.h, 6.18 and later; before, the number is 0 */

/* Where a walk stands. */
struct aa_walk {
	struct dentry *dentry;
	struct mount *mount;
};

static __always_inline struct mount *mount_of(struct vfsmount *mnt)
{
	return HOLDER_OF(mnt, struct mount, mnt);
}

/* Where a walk goes on. The mount is another one than before only at its beginning and in find_parent(). */
static __always_inline void walk_on_from(struct aa_scratch *s, struct aa_walk w)
{
	s->walk.dentry = (__u64)w.dentry;
	s->walk.mount = (__u64)w.mount;
}

/* Read anew in each turn of a loop: pointers that were carried over in registers have more types than the verifier can
 * merge. */
static __always_inline struct aa_walk walk_at(struct aa_scratch *s)
{
	return (struct aa_walk){(void *)*(volatile __u64 *)&s->walk.dentry, (void *)*(volatile __u64 *)&s->walk.mount};
}

/* To the file itself, with what was noted so far. */
static __always_inline void walk_again(struct aa_scratch *s)
{
	s->walk.dentry = s->walk.first_dentry;
	s->walk.mount = s->walk.first_mount;
	s->walk.root = (__u64)LOAD(struct mount, walk_at(s).mount, mnt.mnt_root);
}

static __always_inline void walk_from_first(struct aa_scratch *s)
{
	walk_again(s);
	s->walk.seen = s->walk.moving = 0;
}

/* Notes what 32 bits were: a count, or the lower half of a pointer, of which the upper is the same all over. */
static __always_inline void note_seen(struct aa_scratch *s, const void *address, __u32 value)
{
	__u32 index = s->walk.seen;
	struct aa_seen *seen;

	/* only names that are looked at again do not find room: those of a path that is cut (skip_to_prefix()) */
	if (index >= AA_SEEN_MAX)
		return;
	seen = &s->seen[index & (AA_SEEN_MAX - 1)];
	seen->address = (__u64)address;
	seen->value = value;
	s->walk.seen = index + 1;
}

/* Where typed loads are not to be had, all that is asked of a dentry comes by one read: the fields stand side by side.
 */
#define AA_OFFSET_SEEN bpf_core_field_offset(struct dentry, d_seq)
#define AA_OFFSET_NAME bpf_core_field_offset(struct dentry, d_name)
#define AA_QSTR_SIZE 16 /* of struct qstr, include/linux/dcache.h */

static __always_inline bool is_read_at_once(void)
{
	return !cfg.typed_loads && AA_OFFSET_SEEN < bpf_core_field_offset(struct dentry, d_parent) &&
	       bpf_core_field_offset(struct dentry, d_parent) < AA_OFFSET_NAME &&
	       AA_OFFSET_NAME + AA_QSTR_SIZE - AA_OFFSET_SEEN <= AA_DENTRY_BYTES;
}

#define READ_FIELD(s, type, field) \
	(*(type *)((s)->walk.dentry_bytes + bpf_core_field_offset(struct dentry, field) - AA_OFFSET_SEEN))

/* The count of a dentry, then its parent (and what else is read of it at once). */
static __always_inline __u32 read_dentry(struct aa_scratch *s, struct aa_walk *w, struct dentry **parent)
{
	bool at_once = is_read_at_once(), ordered = at_once && AA_READS_ASCEND;
	__u32 sequence = 0;

	if (!ordered) {
		sequence = LOAD_SEQUENCE(struct dentry, w->dentry, d_seq);
		w->dentry = read_after(w->dentry, sequence);
	}
	if (!at_once) {
		*parent = LOAD(struct dentry, w->dentry, d_parent);
		return sequence;
	}
	bpf_probe_read_kernel(s->walk.dentry_bytes, AA_OFFSET_NAME + AA_QSTR_SIZE - AA_OFFSET_SEEN,
			      (void *)w->dentry + AA_OFFSET_SEEN);
	*parent = READ_FIELD(s, struct dentry *, d_parent);
	return ordered ? READ_FIELD(s, __u32, d_seq) : sequence;
}

enum aa_step {
	AA_STEP_NAME, /* the dentry has a name in its parent */
	AA_STEP_MOUNT, /* went from a mount's root to where it is mounted */
	AA_STEP_TOP, /* at the root of the namespace, or of a mount that is_nowhere() */
	AA_STEP_DETACHED, /* at a root that is mounted nowhere */
};

/* Says what stands above w->dentry; crosses into the parent mount itself. `parent`: for AA_STEP_NAME. What is read
 * through w->dentry after this is read after its count. */
static __always_inline enum aa_step find_parent(struct aa_scratch *s, struct aa_walk *w, struct dentry **parent)
{
	__u32 sequence;

	if ((__u64)w->dentry == s->walk.root) {
		void *mount = w->mount;
		struct mount *above = LOAD(struct mount, w->mount, mnt_parent);

		note_seen(s, mount + bpf_core_field_offset(struct mount, mnt_parent), as_number(s, above));
		if (above == w->mount)
			return AA_STEP_TOP;
		w->dentry = LOAD(struct mount, w->mount, mnt_mountpoint);
		note_seen(s, mount + bpf_core_field_offset(struct mount, mnt_mountpoint), as_number(s, w->dentry));
		w->mount = above;
		s->walk.root = (__u64)LOAD(struct mount, above, mnt.mnt_root);
		return AA_STEP_MOUNT;
	}
	sequence = read_dentry(s, w, parent);
	s->walk.moving |= sequence;
	note_seen(s, (void *)w->dentry + bpf_core_field_offset(struct dentry, d_seq), sequence);
	return *parent == w->dentry ? AA_STEP_DETACHED : AA_STEP_NAME;
}

/* Not mounted: taken away while it was in use (umount -l), or not yet there (open_tree, fsmount). */
static __always_inline bool is_nowhere(struct mount *top)
{
	struct mnt_namespace *ns = LOAD(struct mount, top, mnt_ns);
	__u32 number = LOAD(struct mnt_namespace, ns, ns.inum);

	return !number || number == MNT_NS_ANON_INO;
}

static __always_inline bool is_as_seen(struct aa_scratch *s, __u32 index)
{
	struct aa_seen *seen = &s->seen[index & (AA_SEEN_MAX - 1)];

	/* any struct that begins with 32 bits serves to type it */
	return LOAD(struct seqcount, (struct seqcount *)seen->address, sequence) == seen->value;
}

static long look_again(__u32 index, struct aa_scratch **s)
{
	__u32 at = index + AA_STEPS_INLINE;

	if (at >= (*s)->walk.seen)
		return 1;
	(*s)->walk.moving |= !is_as_seen(*s, at);
	return 0;
}

/* Is everything from the file up to the top as the walk met it? A global function: the verifier looks at it once. */
__noinline int is_unchanged(struct aa_scratch *s)
{
	__u32 changed = 0;

	if (!s)
		return false;
	read_all_before(&s->walk.fence);
	for (__u32 i = 0; i < AA_STEPS_INLINE && i < s->walk.seen; i++)
		changed |= !is_as_seen(s, i);
	s->walk.moving |= changed;
	if (s->walk.seen > AA_STEPS_INLINE && bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_loop))
		bpf_loop(AA_SEEN_MAX, look_again, &s, 0);
	else
		for (__u32 i = 0; i < AA_SEEN_UNLOOPED && !look_again(i, &s); i++)
			;
	return !(s->walk.moving & 1);
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
	struct aa_walk w = walk_at(s);
	struct dentry *parent;
	enum aa_step step;
	__u64 name;

	if (!c->measuring && fits(s->walk.extent)) {
		c->done = true;
		return 1;
	}
	step = find_parent(s, &w, &parent);
	if (step != AA_STEP_NAME && step != AA_STEP_MOUNT) {
		c->done = c->measuring;
		return 1;
	}
	if (step == AA_STEP_NAME) {
		name = (1ULL << 32) + LOAD(struct dentry, w.dentry, d_name.len) + 1;
		s->walk.extent += c->measuring ? name : -name;
		w.dentry = parent;
	}
	walk_on_from(s, w);
	return 0;
}

/* The walk again for a path that is longer than what fits: moves its beginning up to the longest prefix of whole
 * components, and notes the whole way. Without bpf_loop (before 5.17) such a path is unreadable. */
__noinline int skip_to_prefix(struct aa_scratch *s)
{
	struct aa_climb c = {.s = s, .measuring = true};

	if (!s || !bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_loop))
		return false;
	walk_from_first(s);
	s->walk.extent = 0;
	s->walk.climbed += AA_PATH_DEPTH; /* the walk that was too long */
	s->walk.climbed += bpf_loop(AA_CLIMB_MAX, climb, &c, 0);
	if (!c.done)
		return false;
	c.measuring = c.done = false;
	walk_again(s);
	s->walk.climbed += bpf_loop(AA_CLIMB_MAX, climb, &c, 0);
	return c.done;
}

#endif
