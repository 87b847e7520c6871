/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * Which descriptors of a table are counted: a tree of bitmaps, in which the next one of a range is found by what is
 * there, not by how high the numbers are.
 *
 * A node has a bit for each of 512 numbers (level 0), of 512 such nodes (level 1), or of 512 of those (level 2); 16 of
 * the last have room for every number that a descriptor can have. What nearly all processes need lies in their struct
 * aa_used itself. Threads set and clear bits of level 0 as they please; the bits above are set before there is a node
 * below, and stay, as the nodes do, until the table goes: then nobody else is at it. So a set bit may stand for
 * nothing, but what is counted has all of its bits.
 */
#ifndef AA_USED_BPF_H
#define AA_USED_BPF_H

#include "load.bpf.h"
#include "task.bpf.h"

#define AA_NODE_MASK (AA_NODE_NUMBERS - 1)
#define AA_BLOCKS_BITS (2 * AA_NODE_BITS) /* numbers below a node of level 1 */
#define AA_BLOCKS_MASK ((1U << AA_BLOCKS_BITS) - 1)

/* In a section of their own: where the settings stand in .rodata must not depend on the compiler. */
static const struct aa_used none_used SEC(".rodata.none") = {};
static const struct aa_node empty_node SEC(".rodata.none") = {};

/* Of the current process: what a number means there. */
static __always_inline __u64 table_of(struct task_struct *task, __u32 fd)
{
	return fd & AA_FD_FIXED ? 0 : (__u64)LOAD(struct task_struct, task, files);
}

static __always_inline struct aa_table_key table_key(const struct aa_descriptor_key *key)
{
	return (struct aa_table_key){.table = key->table, .pid = key->pid};
}

static __always_inline __u32 node_place(__u32 level, __u32 number)
{
	return level << AA_LEVEL_SHIFT | number >> (level + 1) * AA_NODE_BITS;
}

/* NULL: nothing below it is counted. */
static __always_inline struct aa_node *node_of(struct aa_used *used, struct aa_table_key *key, __u32 level,
					       __u32 number)
{
	if (level == 0 && number < AA_NODE_NUMBERS)
		return &used->low;
	if (level == 1 && number <= AA_BLOCKS_MASK)
		return &used->blocks;
	key->place = node_place(level, number);
	return bpf_map_lookup_elem(&used_nodes, key);
}

static __always_inline struct aa_node *make_node(struct aa_used *used, struct aa_table_key *key, __u32 level,
						 __u32 number)
{
	struct aa_node *node = node_of(used, key, level, number);

	if (node)
		return node;
	bpf_map_update_elem(&used_nodes, key, &empty_node, BPF_NOEXIST);
	return bpf_map_lookup_elem(&used_nodes, key);
}

static __always_inline void set_bit(struct aa_node *node, __u32 bit)
{
	__sync_fetch_and_or(&node->words[bit >> 6 & 7], 1ULL << (bit & 63));
}

static __always_inline void clear_bit(struct aa_node *node, __u32 bit)
{
	__sync_fetch_and_and(&node->words[bit >> 6 & 7], ~(1ULL << (bit & 63)));
}

/* The node that has the number's own bit, with all that leads to it. NULL: there is no room. */
static __always_inline struct aa_node *make_nodes(struct aa_used *used, struct aa_table_key *key, __u32 number)
{
	struct aa_node *node = node_of(used, key, 0, number);

	if (node)
		return node;
	if (number > AA_BLOCKS_MASK) {
		*(volatile __u64 *)&used->far = 1;
		node = make_node(used, key, 2, number);
		if (!node)
			return NULL;
		set_bit(node, number >> AA_BLOCKS_BITS & AA_NODE_MASK);
	}
	node = make_node(used, key, 1, number);
	if (!node)
		return NULL;
	set_bit(node, number >> AA_NODE_BITS & AA_NODE_MASK);
	return make_node(used, key, 0, number);
}

/* How many bits are set. */
static __always_inline __u32 count_bits(__u64 word)
{
	word -= word >> 1 & 0x5555555555555555ULL;
	word = (word & 0x3333333333333333ULL) + (word >> 2 & 0x3333333333333333ULL);
	return ((word + (word >> 4)) & 0x0f0f0f0f0f0f0f0fULL) * 0x0101010101010101ULL >> 56;
}

/* The lowest bit of a word that has one. The compiler must not see what it is: it would take a table, in .rodata. */
static __always_inline __u32 lowest_bit(__u64 word)
{
	__u64 below = (word & -word) - 1;

	asm volatile("" : "+r"(below));
	return count_bits(below);
}

/* The first set bit from `from` on; AA_NODE_NUMBERS: there is none.
 * A global function: the verifier looks at it once. */
__noinline __u32 next_bit(struct aa_node *node, __u32 from)
{
	if (!node)
		return AA_NODE_NUMBERS;
	for (__u32 i = 0; i < AA_NODE_NUMBERS / 64; i++) {
		__u64 word = node->words[i];

		if (i < from >> 6)
			continue;
		if (i == from >> 6)
			word &= ~0ULL << (from & 63);
		if (word)
			return i * 64 + lowest_bit(word);
	}
	return AA_NODE_NUMBERS;
}

#define AA_FOUND (1ULL << 63)

static __always_inline __u64 block_behind(__u64 number, __u32 bits)
{
	return ((number >> bits) + 1) << bits;
}

/* Where the next block begins whose bit is set; `bits`: of numbers in it. The one that `number` is in has a bit without
 * a node. */
static __always_inline __u64 next_block(__u64 number, __u32 bits, __u32 bit)
{
	__u64 found = (number >> (bits + AA_NODE_BITS) << AA_NODE_BITS) + bit;

	return found > number >> bits ? found << bits : block_behind(number, bits);
}

/* One turn of a look for what is counted in the current task's table, or its io_urings' (`fixed`): AA_FOUND and the
 * number, if `number` is in a node that has one from there on; otherwise a higher number to go on from. `all`: nodes
 * that are left behind are of no more use.
 * A global function: the verifier looks at it once, and takes what it returns for any number. */
__noinline __u64 look_on(struct aa_used *used, __u32 number, bool fixed, bool all)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct aa_table_key key = {.table = table_of(task, fixed ? AA_FD_FIXED : 0), .pid = process_id(task)};
	struct aa_node *node;
	__u32 level, bit;

	if (!used)
		return AA_FOUND;
	node = node_of(used, &key, 0, number);
	if (node) {
		bit = next_bit(node, number & AA_NODE_MASK);
		if (bit < AA_NODE_NUMBERS)
			return AA_FOUND | (number & ~AA_NODE_MASK) | bit;
		level = 0;
		goto left;
	}
	node = node_of(used, &key, 1, number);
	if (node) {
		bit = next_bit(node, number >> AA_NODE_BITS & AA_NODE_MASK);
		if (bit < AA_NODE_NUMBERS)
			return next_block(number, AA_NODE_BITS, bit);
		level = 1;
		goto left;
	}
	if (!used->far)
		return 1ULL << 32;
	level = 2;
	node = node_of(used, &key, 2, number);
	if (node) {
		bit = next_bit(node, number >> AA_BLOCKS_BITS & AA_NODE_MASK);
		if (bit < AA_NODE_NUMBERS)
			return next_block(number, AA_BLOCKS_BITS, bit);
	}
left:
	if (all) {
		key.place = node_place(level, number);
		bpf_map_delete_elem(&used_nodes, &key);
	}
	return block_behind(number, (level + 1) * AA_NODE_BITS);
}

#endif
