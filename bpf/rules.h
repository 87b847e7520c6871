/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * Path rules as far as the kernel knows them: a tree of components. User space has them all and decides about what is
 * reported; here only that is dropped which is allowed and certainly of no other interest.
 */
#ifndef AA_RULES_H
#define AA_RULES_H

#include "events.h"

#define AA_RULE_DEPTH 16 /* components of a rule */
#define AA_RULE_NAME_MAX 40 /* bytes of a component */
#define AA_RULE_SUFFIX_MAX 8 /* with its dot */

/* Values of aa_rule_key.parent that are no node */
#define AA_RULE_ROOT 0 /* the children of the root directory; the key of the root itself has no name */
#define AA_RULE_NAMES 0xffffffffU /* names of files, wherever they are */
#define AA_RULE_SUFFIXES 0xfffffffeU /* what such a name has from its last dot on */

struct aa_rule_key {
	__u32 parent; /* node */
	__u32 length;
	__u64 name[AA_RULE_NAME_MAX / 8]; /* bytes, zeroes behind them */
};

/* Bits of aa_rule.flags */
enum aa_rule_flag {
	AA_RULE_ALLOW = 1 << 0, /* what stands here */
	AA_RULE_ALLOW_BELOW = 1 << 1, /* and everything below it */
	AA_RULE_KEEP = 1 << 2, /* another rule is about it: user space decides */
	AA_RULE_KEEP_BELOW = 1 << 3,
	AA_RULE_INNER = 1 << 4, /* there are nodes below it */
};

struct aa_rule {
	__u32 node; /* parent of what stands below */
	__u32 flags; /* enum aa_rule_flag */
};

AA_ASSERT(sizeof(struct aa_rule_key) == 48, "no hidden padding");

#endif
