/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * Reading memory through pointers that the verifier does not track.
 */
#ifndef AA_LOAD_BPF_H
#define AA_LOAD_BPF_H

#include "maps.bpf.h"

extern void *bpf_rdonly_cast(const void *obj, __u32 btf_id) __ksym __weak;

#define TYPED(type, pointer) ((type *)bpf_rdonly_cast(pointer, bpf_core_type_id_kernel(type)))

/* Direct loads where the kernel can type the pointer, probe reads elsewhere: 305 against 770 ns for a path of 8 names.
 */
#define LOAD(type, pointer, field)                                                         \
	({                                                                                 \
		type *from_ = (pointer);                                                   \
		cfg.typed_loads ? TYPED(type, from_)->field : BPF_CORE_READ(from_, field); \
	})

/* The verifier removes it where no test asks. */
static __always_inline void count_work(enum aa_work kind, __u64 amount)
{
	if (cfg.counts_work)
		__sync_fetch_and_add(&work[kind], amount);
}

/* Around what a program does. */
static __always_inline __u64 time_begin(void)
{
	return cfg.counts_work ? bpf_ktime_get_ns() : 0;
}

static __always_inline void time_end(enum aa_timed program, __u64 began)
{
	__u64 took;

	if (!cfg.counts_work)
		return;
	took = bpf_ktime_get_ns() - began;
	if (took > longest[program])
		longest[program] = took;
}

#define TIMED(program, body)                 \
	do {                                 \
		__u64 began_ = time_begin(); \
                                             \
		body;                        \
		time_end(program, began_);   \
	} while (0)

/* A pointer at an address: any struct that begins with one serves to type it. */
#define LOAD_POINTER(type, address)                                                                 \
	({                                                                                          \
		void *pointer_ = NULL;                                                              \
		if (cfg.typed_loads)                                                                \
			pointer_ = TYPED(struct list_head, address)->next;                          \
		else                                                                                \
			bpf_probe_read_kernel(&pointer_, sizeof pointer_, (const void *)(address)); \
		(type *)pointer_;                                                                   \
	})

/* Calls step(0, context), step(1, context) and so on, until one returns 1, at most `most` times. The verifier looks at
 * one of them. Before 5.17 the kernel has no such loop: then it looks at each of `unlooped` turns. */
#define LOOP(most, unlooped, step, context)                                             \
	do {                                                                            \
		if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_loop))        \
			bpf_loop(most, step, context, 0);                               \
		else                                                                    \
			for (__u64 i_ = 0; i_ < (unlooped) && !step(i_, context); i_++) \
				;                                                       \
	} while (0)

/* Reads the caller's memory; 0, or a negative errno. On arm64 the top byte of a pointer may be a tag, which system
 * calls take off (untagged_addr(), arch/arm64/include/asm/uaccess.h). So does strncpy_from_user();
 * copy_from_user_nofault(), mm/maccess.c, refuses it. */
static __always_inline long read_user(void *to, __u32 size, __u64 address)
{
#if defined(__TARGET_ARCH_arm64)
	/* bit 55 is set in addresses of the kernel: they stay what they are */
	address &= (__u64)((__s64)(address << 8) >> 8);
#endif
	return bpf_probe_read_user(to, size, (const void *)address);
}

/* A count of changes (include/linux/seqlock.h) that is a member of a struct: odd while one is under way. */
#define LOAD_SEQUENCE(type, pointer, field)                                                       \
	({                                                                                        \
		struct seqcount *count_ = (void *)(pointer) + bpf_core_field_offset(type, field); \
		LOAD(struct seqcount, count_, sequence);                                          \
	})

/* A probe read goes from the lowest address to the highest (copy_from_kernel_nofault() in mm/maccess.c), and x86-64
 * keeps to that. */
#if defined(__TARGET_ARCH_arm64)
#define AA_READS_ASCEND false
#else
#define AA_READS_ASCEND true
#endif

/* `pointer`, so that what is read through it is read after `value`: x86-64 reads in the order of the program, arm64
 * does where an address depends on what was read before (ADDRESS-DEPENDENCY BARRIERS,
 * Documentation/memory-barriers.txt). */
static __always_inline void *read_after(void *pointer, __u64 value)
{
#if defined(__TARGET_ARCH_arm64)
	asm volatile("%0 &= 0" : "+r"(value) : : "memory");
	return (void *)((__u64)pointer + value);
#else
	asm volatile("" : : : "memory");
	return pointer;
#endif
}

/* All that was read before is read before what comes after. `word` is any of ours, and becomes 0. */
static __always_inline void read_all_before(__u32 *word)
{
#if defined(__TARGET_ARCH_arm64)
	__sync_lock_test_and_set(word, 0);
#endif
	asm volatile("" : : : "memory");
}

/* The struct that `pointer` is a member of. Not container_of(): that has the offset of our own vmlinux.h. */
#define HOLDER_OF(pointer, type, member) ((type *)((void *)(pointer)-bpf_core_field_offset(type, member)))

#endif
