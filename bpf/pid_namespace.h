/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * What pid_namespace.bpf.c tells user space. Shared by both sides.
 */
#ifndef AA_PID_NAMESPACE_H
#define AA_PID_NAMESPACE_H

#include "events.h"

struct aa_pid_namespace {
	__u64 address; /* of the kernel's struct; 0: not found */
	__u32 level; /* 0: the initial one */
	__u32 group; /* the caller's process group, its number in the initial namespace */
};

AA_ASSERT(sizeof(struct aa_pid_namespace) == 16, "no hidden padding");

#endif
