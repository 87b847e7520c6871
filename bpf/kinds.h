/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * The kinds of events, a row each. What several of them have in common is a trait here: nothing may depend on their
 * order or their numbers. Shared by both sides.
 */
#ifndef AA_KINDS_H
#define AA_KINDS_H

#ifndef __bpf__ /* there vmlinux.h has them */
#include <linux/types.h>
#endif

/* The first three are the groups that a user can name: an event is in one of them. */
enum aa_kind_trait {
	AA_KIND_PROCESS = 1 << 0,
	AA_KIND_FILE = 1 << 1,
	AA_KIND_CALLS = 1 << 2, /* each read, write and close for itself, beside the totals */
	AA_KIND_FAILS = 1 << 3, /* can be an event of a call that failed */
	AA_KIND_CHANGES = 1 << 4, /* something is different after it, each time that it succeeds */
	AA_KIND_NAMED = 1 << 5, /* acts on what stands under a name, which the kernel looks up itself */
	AA_KIND_ZERO = 1 << 6, /* its calls return 0, or an error */
	AA_KIND_URING = 1 << 7, /* comes through io_uring too */
	AA_KIND_ON_REQUEST = 1 << 8, /* not among the events that are reported if nothing is said */
};

/* AA_NAME, name, traits */
#define AA_KIND_TABLE(KIND)                                                                                        \
	KIND(FORK, "fork", AA_KIND_PROCESS | AA_KIND_ON_REQUEST)                                                   \
	KIND(EXEC, "exec", AA_KIND_PROCESS | AA_KIND_FAILS | AA_KIND_ZERO)                                         \
	KIND(EXIT, "exit", AA_KIND_PROCESS)                                                                        \
	KIND(OPEN, "open", AA_KIND_FILE | AA_KIND_FAILS | AA_KIND_URING)                                           \
	KIND(IO, "io", AA_KIND_FILE | AA_KIND_URING)                                                               \
	KIND(READ, "read", AA_KIND_CALLS | AA_KIND_FAILS | AA_KIND_URING | AA_KIND_ON_REQUEST)                     \
	KIND(WRITE, "write", AA_KIND_CALLS | AA_KIND_FAILS | AA_KIND_CHANGES | AA_KIND_URING | AA_KIND_ON_REQUEST) \
	KIND(CLOSE, "close", AA_KIND_CALLS | AA_KIND_URING | AA_KIND_ON_REQUEST)                                   \
	KIND(MMAP, "mmap", AA_KIND_FILE | AA_KIND_CHANGES)                                                         \
	KIND(UNLINK, "unlink", AA_KIND_DEED | AA_KIND_URING)                                                       \
	KIND(RMDIR, "rmdir", AA_KIND_DEED | AA_KIND_URING)                                                         \
	KIND(MKDIR, "mkdir", AA_KIND_DEED | AA_KIND_URING)                                                         \
	KIND(MKNOD, "mknod", AA_KIND_DEED)                                                                         \
	KIND(RENAME, "rename", AA_KIND_DEED | AA_KIND_URING)                                                       \
	KIND(LINK, "link", AA_KIND_DEED | AA_KIND_URING)                                                           \
	KIND(SYMLINK, "symlink", AA_KIND_DEED | AA_KIND_URING)                                                     \
	KIND(CHMOD, "chmod", AA_KIND_DEED)                                                                         \
	KIND(CHOWN, "chown", AA_KIND_DEED)                                                                         \
	KIND(TRUNCATE, "truncate", AA_KIND_DEED | AA_KIND_URING)                                                   \
	KIND(UTIME, "utime", AA_KIND_DEED)                                                                         \
	KIND(XATTR, "xattr", AA_KIND_DEED | AA_KIND_URING)

/* What calls that change something under a name have in common. */
#define AA_KIND_DEED (AA_KIND_FILE | AA_KIND_FAILS | AA_KIND_CHANGES | AA_KIND_NAMED | AA_KIND_ZERO)

#define AA_KIND_ENUMERATOR(NAME, name, traits) AA_##NAME,
enum aa_kind {
	AA_NO_KIND = 0,
	AA_KIND_TABLE(AA_KIND_ENUMERATOR) AA_KINDS, /* one more than the last */

	/* Records that are no events: nobody can ask for them. */
	AA_JOIN = 128, /* for the process tree: a process became a root of the watch while the trace runs */
	AA_DESCRIPTOR, /* for io: the path of a descriptor that is used for the first time */
	AA_RESULT, /* of an io_uring request, whose record came before */
	AA_TABLE, /* for io: a thread's own table of descriptors is gone; struct aa_exit, of which only `table` counts
		   */
};
#undef AA_KIND_ENUMERATOR

/* A set of kinds: a bit for each event. */
typedef __u64 aa_kind_set;

#ifdef __cplusplus
#define AA_KIND_FUNCTION constexpr
#else
#define AA_KIND_FUNCTION static inline __attribute__((always_inline))
#endif

AA_KIND_FUNCTION aa_kind_set aa_kind_bit(__u32 kind)
{
	return kind != AA_NO_KIND && kind < AA_KINDS ? 1ULL << kind : 0;
}

/* The kinds that have one of these traits. */
AA_KIND_FUNCTION aa_kind_set aa_kinds_with(__u32 trait)
{
#define AA_KIND_IF(NAME, name, traits) | ((traits)&trait ? aa_kind_bit(AA_##NAME) : 0)
	return 0 AA_KIND_TABLE(AA_KIND_IF);
#undef AA_KIND_IF
}

AA_KIND_FUNCTION bool aa_kind_has(__u32 kind, __u32 trait)
{
	return aa_kinds_with(trait) & aa_kind_bit(kind);
}

#endif
