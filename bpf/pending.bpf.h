/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * The requests of io_uring that are on their way. One that completes is found by its address. One whose result found no
 * room in the queue is not: the kernel tells its ring and its user_data, which others may share. So those that have
 * both in common hang together, newest first, in a chain. Nothing here takes longer the more requests there are.
 */
#ifndef AA_PENDING_BPF_H
#define AA_PENDING_BPF_H

#include "request.bpf.h"

/* To get hold of a chain, which others have for some microseconds. The kernel calls us with the locks of the ring held,
 * so that it is seldom another's: submissions come one after the other, and so do completions. */
#define AA_CHAIN_TRIES 256
#define AA_CHAIN_ROUNDS 16 /* until one that has just gone is made again */
#define AA_DROPS_AT_OVERFLOW 32 /* requests that one overflow drops: about 10 microseconds */
#define AA_DROPS_AT_RESULT 4 /* and the result of one that should have been dropped */

static __always_inline bool is_chain_of(const struct aa_chain *chain, const struct aa_chain_key *of)
{
	return *(volatile __u64 *)&chain->of.ring == of->ring && chain->of.user_data == of->user_data;
}

struct aa_chain_try {
	struct aa_chain *chain;
	const struct aa_chain_key *of;
	bool taken;
};

static long try_chain(__u32 index, struct aa_chain_try *t)
{
	if (!is_chain_of(t->chain, t->of))
		return 1;
	t->taken = !__sync_lock_test_and_set(&t->chain->busy, 1);
	return t->taken;
}

/* Whoever has a chain may change it and what hangs in it. NULL: there is none, or it is not to be had. */
static __always_inline struct aa_chain *take_chain(const struct aa_chain_key *of)
{
	struct aa_chain_try t = {.chain = bpf_map_lookup_elem(&chains, of), .of = of};

	if (!t.chain)
		return NULL;
	/* nearly always the first: the loop's call costs time, and one that is written out the verifier's */
	if (!try_chain(0, &t))
		bpf_loop(AA_CHAIN_TRIES - 1, try_chain, &t, 0);
	if (!t.taken)
		return NULL;
	if (is_chain_of(t.chain, of))
		return t.chain;
	__sync_lock_test_and_set(&t.chain->busy, 0);
	return NULL;
}

/* An empty one goes, and stays taken: who waits for it sees that it is nobody's. */
static __always_inline void let_chain_go(struct aa_chain *chain, const struct aa_chain_key *of)
{
	if (chain->newest) {
		__sync_lock_test_and_set(&chain->busy, 0);
		return;
	}
	*(volatile __u64 *)&chain->of.ring = 0;
	bpf_map_delete_elem(&chains, of);
}

static __always_inline struct aa_request *neighbour(__u64 key, const struct aa_chain_key *of)
{
	struct aa_request *r = key ? bpf_map_lookup_elem(&requests, &key) : NULL;

	return r && r->ring == of->ring && r->user_data == of->user_data ? r : NULL;
}

static __always_inline void unlink_request(struct aa_chain *chain, const struct aa_chain_key *of, __u64 key,
					   __u64 older, __u64 newer)
{
	struct aa_request *next = neighbour(newer, of), *previous = neighbour(older, of);

	if (next)
		next->older = older;
	else
		chain->newest = older;
	if (previous)
		previous->newer = newer;
	else
		chain->oldest = newer;
	bpf_map_delete_elem(&requests, &key);
}

static __always_inline bool transfer_may_count(const struct aa_request *r)
{
	return (reads(r->opcode) && may_count(r->ring, r->from)) || (writes(r->opcode) && may_count(r->ring, r->to));
}

/* A request whose result will not be told. In another process its descriptors say nothing: then it may have counted. */
static __always_inline void count_untold(const struct aa_request *r)
{
	bool here = process_id(bpf_get_current_task_btf()) == r->header.pid;

	if (r->header.kind == AA_READ ? !here || transfer_may_count(r) : r->told)
		count_loss(AA_LOST_NO_RESULT, true);
}

/* Drops the oldest request of a chain that its caller has, if it was there at the last overflow. */
static long drop_oldest(__u32 index, struct aa_chain_key *of)
{
	struct aa_chain *chain = bpf_map_lookup_elem(&chains, of);
	struct aa_request *found;
	__u64 key;

	if (!chain || !chain->oldest)
		return 1;
	key = chain->oldest;
	found = neighbour(key, of);
	if (!found) {
		chain->oldest = chain->newest = 0; /* the rest is found by address alone, and too old for that */
		return 1;
	}
	if (found->header.time > chain->over)
		return 1;
	count_untold(found);
	unlink_request(chain, of, key, found->older, found->newer);
	return 0;
}

/* Why a request is taken out. */
enum aa_drop {
	AA_DROP_TOLD = 0, /* its result is here, if it is its own */
	AA_DROP_LOST = 1, /* it will not be told */
	AA_DROP_COUNTED = 2, /* nor missed */
};

/* Takes a request out. False: what completes is not told, and that is counted.
 * A global function: the verifier looks at it once. */
__noinline int drop_request(__u64 key, __u32 why)
{
	struct aa_request *found = bpf_map_lookup_elem(&requests, &key);
	struct io_kiocb *req = (struct io_kiocb *)key;
	struct aa_chain_key of;
	struct aa_chain *chain;
	bool known;

	if (!found)
		return 0;
	of = (struct aa_chain_key){.ring = found->ring, .user_data = found->user_data};
	/* what completes in the memory of another is not that one */
	known = why == AA_DROP_TOLD && ring_of(req) == of.ring && REQUEST(io_kiocb, cqe.user_data) == of.user_data;
	chain = take_chain(&of);
	known = known && (!chain || found->header.time > chain->over);
	if (!known && why != AA_DROP_COUNTED)
		count_untold(found);
	if (!chain) {
		bpf_map_delete_elem(&requests, &key);
		return known;
	}
	unlink_request(chain, &of, key, found->older, found->newer);
	if (chain->over)
		bpf_loop(AA_DROPS_AT_RESULT, drop_oldest, &of, 0);
	let_chain_go(chain, &of);
	return known;
}

static __always_inline int add_request(struct aa_request *r, __u64 key)
{
	int error = map_error(bpf_map_update_elem(&requests, &key, r, BPF_NOEXIST));

	if (error != -EEXIST)
		return error;
	drop_request(key, AA_DROP_LOST); /* its memory is in use again */
	return map_error(bpf_map_update_elem(&requests, &key, r, BPF_NOEXIST));
}

/* The first of its chain. -EEXIST: it is not. */
static __always_inline int begin_chain(const struct aa_chain_key *of, __u64 key)
{
	struct aa_chain first = {.of = *of, .newest = key, .oldest = key};

	return map_error(bpf_map_update_elem(&chains, of, &first, BPF_NOEXIST));
}

/* False: it is not to be had. */
static __always_inline bool join_chain(const struct aa_chain_key *of, __u64 key)
{
	struct aa_chain *chain = take_chain(of);
	struct aa_request *r, *older;

	if (!chain)
		return false;
	r = bpf_map_lookup_elem(&requests, &key);
	older = neighbour(chain->newest, of);
	if (r && older) {
		r->older = chain->newest;
		older->newer = key;
	}
	chain->newest = key;
	if (!chain->oldest)
		chain->oldest = key;
	let_chain_go(chain, of);
	return true;
}

struct aa_entry {
	struct aa_chain_key of;
	__u64 key;
	int error;
};

/* Begins the chain, or joins it; it may have come and gone in between. */
static long enter_chain(__u32 index, struct aa_entry *e)
{
	struct aa_chain_key of = e->of;

	e->error = begin_chain(&of, e->key);
	if (e->error == -EEXIST && join_chain(&of, e->key))
		e->error = 0;
	return e->error != -EEXIST;
}

/* Puts a request that is there under its address into its chain. False: it is taken out again.
 * A global function: the verifier looks at it once. */
__noinline int hang_request(__u64 key, __u64 ring, __u64 user_data)
{
	struct aa_entry e = {.of = {.ring = ring, .user_data = user_data}, .key = key};

	bpf_loop(AA_CHAIN_ROUNDS, enter_chain, &e, 0);
	/* who has the chain was stopped in the middle: without it only an overflow will miss the request */
	if (!e.error || e.error == -EEXIST)
		return 1;
	bpf_map_delete_elem(&requests, &key);
	return 0;
}

/* A request that is about to run. False: it is not followed, which is counted as lost. `r` is on the caller's stack:
 * before 6.2 or so no other memory can be a value for a map. */
static __always_inline bool enter_request(struct aa_request *r, __u64 key)
{
	if (!add_request(r, key) && hang_request(key, r->ring, r->user_data))
		return true;
	count_loss(AA_LOST_MAP_FULL, true);
	return false;
}

/* A result that found no room in the queue: the program gets it later, and here it does not say whose it is. No request
 * that it may be of is told: what completes in the same memory would be taken for it. */
static __always_inline void on_uring_overflow(__u64 ring, __u64 user_data)
{
	struct aa_chain_key of = {.ring = ring, .user_data = user_data};
	struct aa_chain *chain = take_chain(&of);

	if (!chain)
		return;
	chain->over = bpf_ktime_get_boot_ns();
	bpf_loop(AA_DROPS_AT_OVERFLOW, drop_oldest, &of, 0);
	let_chain_go(chain, &of);
}

#endif
