/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * The rows of the table of system calls (src/plan/syscalls.cpp). Shared by both sides.
 */
#ifndef AA_CALLS_H
#define AA_CALLS_H

#include "events.h"

#define AA_SYSCALLS_MAX 1024 /* rows of a table; the highest number of x86-64, arm64 and i386 is below 600 */

/* Bits of aa_call.traits */
enum aa_call_trait {
	AA_CALL_WIDE = 1 << 0, /* 64-bit numbers take two arguments each, the lower half first (i386) */
	AA_CALL_CREAT = 1 << 1, /* creat: the flags are O_CREAT|O_WRONLY|O_TRUNC */
	AA_CALL_HOW = 1 << 2, /* openat2: `flags` is the address of a struct open_how */
	AA_CALL_NULL_IS_DIR = 1 << 3, /* without a path the call acts on `dir` itself */
	AA_CALL_SHORT_IDS = 1 << 4, /* user and group ids have 16 bits (i386) */
	AA_CALL_POINTERS = 1 << 5, /* `offset` and `new_offset` are addresses, where the call leaves the new offsets */
	AA_CALL_SHORT_OFFSET = 1 << 6, /* ... of 32-bit offsets (i386) */
	AA_CALL_EITHER = 1 << 7, /* vmsplice: reads from `fd` or writes to it, as the descriptor's mode allows */
	AA_CALL_REMOVE = 1 << 8, /* xattr: takes the attribute away */
	AA_CALL_RANGE = 1 << 9, /* close_range: from `fd` to `new_fd` */
	AA_CALL_INDIRECT = 1 << 10, /* the arguments are in memory, at the first one (i386's first mmap) */
};

/* Where the arguments of a system call stand: 1 to 6, 0 for none. kind 0: not of interest. */
struct aa_call {
	__u8 kind; /* enum aa_kind; of calls that read and write AA_READ */
	__u8 dir; /* descriptor of the directory that `path` is relative to; none: the working directory */
	__u8 path;
	__u8 new_dir;
	__u8 new_path;
	__u8 text; /* exec: argv; symlink: target; xattr: the attribute's name */
	__u8 fd; /* the descriptor that is acted on; reads: where the data comes from; dup2: the old one */
	__u8 new_fd; /* writes: where the data goes to; dup2: the new one, which is closed if it was open */
	__u8 flags;
	__u8 mode; /* mmap: protection */
	__u8 size; /* truncate: size; mmap, fallocate: length */
	__u8 offset;
	__u8 new_offset; /* of what is written, where `offset` is of what is read */
	__u8 owner; /* user id; the next argument is the group id */
	__u16 traits; /* enum aa_call_trait */
};

enum aa_abi {
	AA_NATIVE = 0,
	AA_COMPAT32 = 1,
	AA_ABIS = 2,
};

AA_ASSERT(sizeof(struct aa_call) == 16, "no hidden padding");

#endif
