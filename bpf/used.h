/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * Which descriptors of a table are counted: a tree of bitmaps. The kernel side keeps it (used.bpf.h); of a process that
 * has ended with more than there was time for, user space takes it apart. Shared by both sides.
 */
#ifndef AA_USED_H
#define AA_USED_H

#include "descriptors.h"

#define AA_NODE_BITS 9
#define AA_NODE_NUMBERS (1 << AA_NODE_BITS)
#define AA_FAR_NODES 16 /* of level 2: for 2^31 numbers */
#define AA_LEVEL_SHIFT 28 /* in aa_table_key.place; below it stands which node of the level it is */

/* Which of AA_NODE_NUMBERS numbers, a bit each. */
struct aa_node {
	__u64 words[AA_NODE_NUMBERS / 64];
};

/* Which descriptors of a table have an entry there: the numbers below AA_NODE_NUMBERS; which blocks of so many of the
 * first AA_NODE_NUMBERS have a node of their own; and whether there is anything beyond. used.bpf.h */
struct aa_used {
	__u64 count;
	__u64 highest_fixed; /* number that was given to a slot of an io_uring's table, without AA_FD_FIXED */
	__u64 far;
	__u64 rest; /* one more than where a look that was too long goes on, 0: nowhere; and its last number */
	__u64 rest_last;
	__u64 noted; /* user space knows it, and takes what is left of it at the end of the process */
	struct aa_node low;
	struct aa_node blocks;
};

struct aa_table_key {
	__u64 table; /* as in aa_descriptor_key */
	__u32 pid;
	__u32 place; /* of a node: its level and which one there, used.bpf.h; otherwise 0 */
};

AA_ASSERT(sizeof(struct aa_used) == 176, "no hidden padding");
AA_ASSERT(sizeof(struct aa_table_key) == 16, "no hidden padding");

#endif
