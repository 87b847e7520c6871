/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * What is counted for descriptors, and how many there can be of what a watched process makes. Shared by both sides.
 */
#ifndef AA_DESCRIPTORS_H
#define AA_DESCRIPTORS_H

#include "events.h"

#define AA_DESCRIPTORS_MAX (256 * 1024) /* that something was read from or written to, at a time */
#define AA_REQUESTS_MAX (256 * 1024) /* of io_uring, at a time */
#define AA_SLOTS_MAX (16 * 1024) /* of io_urings' tables, the latest that were used */

/* A descriptor of a process */
struct aa_descriptor_key {
	__u32 pid;
	__u32 fd;
	__u64 table; /* address of the struct files_struct: threads can have tables of their own; 0 with AA_FD_FIXED */
};

/* A total is a count with a mark above it: AA_ENDED, it was taken out, and what is added now comes too late for the
 * line; otherwise bits of the entry's generation. The memory of an entry that has gone may be another one's already,
 * while another processor is about to add to it: only what has the mark of its own generation is added to. */
#define AA_ENDED (1ULL << 63)
#define AA_COUNT_BITS 52 /* what would not fit is told for itself */
#define AA_COUNT ((1ULL << AA_COUNT_BITS) - 1)

/* One that something was read from or written to since it was opened, or since the trace began. */
struct aa_descriptor {
	__u64 start; /* of the process: not one that had its pid before */
	__u64 file; /* address of the struct file, and of its dentry: not one that had this number before */
	__u64 dentry;
	__u64 generation; /* tells it from others with the same key; CLOCK_BOOTTIME, ns */
	__u64 suppressed_by; /* the set of rules that suppresses it; 0: none, it is reported */
	struct aa_totals totals;
	__u64 unverified; /* not 0: some of it, as AA_FILE_UNVERIFIED */
};

AA_ASSERT(sizeof(struct aa_descriptor_key) == 16, "no hidden padding");

#endif
