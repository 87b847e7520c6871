/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * Path rules in the kernel: is a file event suppressed? Only what is certain is dropped, everything else goes to user
 * space, which knows all rules. The rules are a tree of components, in which a path is followed from its root down.
 */
#ifndef AA_RULES_BPF_H
#define AA_RULES_BPF_H

#include "emit.bpf.h"

#define AA_PARTS_MAX 32 /* components of the caller's string that are looked at */
#define AA_BELOW (AA_RULE_ALLOW_BELOW | AA_RULE_KEEP_BELOW)
#define AA_WORDS_MAX 32 /* of a component: NAME_MAX bytes; no rule here is about a longer one */
#define AA_ONES 0x0101010101010101ULL

/* What the loops over components share. Everything that they count is in the scratch memory: in registers and on the
 * stack it would multiply the verifier's states. */
struct aa_judging {
	struct aa_scratch *s;
	void *rules;
};

static __always_inline char record_byte(const struct aa_scratch *s, __u64 at)
{
	return s->record[at & (AA_RECORD_MAX - 1)];
}

/* Eight bytes at once; the first one is the lowest. */
static __always_inline __u64 record_word(const struct aa_scratch *s, __u64 at)
{
	return *(const __u64 *)(s->record + (at & (AA_RECORD_MAX - 1)));
}

/* The highest bit of each byte of the word that is `byte`. */
static __always_inline __u64 find_bytes(__u64 word, __u8 byte)
{
	__u64 others = word ^ AA_ONES * byte;

	return ~(((others & AA_ONES * 0x7f) + AA_ONES * 0x7f) | others | AA_ONES * 0x7f);
}

/* How many bytes come before the first one that was found, and behind the last one. */
static __always_inline __u64 count_before(__u64 found)
{
	return ((((found & -found) >> 7) - 1) & AA_ONES) * AA_ONES >> 56;
}

static __always_inline __u64 count_behind(__u64 found)
{
	found |= found >> 8;
	found |= found >> 16;
	found |= found >> 32;
	return 8 - ((found >> 7) * AA_ONES >> 56);
}

/* The rule about the component that was found, at most AA_RULE_NAME_MAX bytes. */
static __noinline struct aa_rule *find_rule(struct aa_scratch *s, void *rules, __u32 parent)
{
	const __u64 *words = (const __u64 *)(s->record + (s->judged.start & (AA_RECORD_MAX - 1)));
	struct aa_rule_key *key = &s->judged.key;
	__u64 length = s->judged.length;

	key->parent = parent;
	key->length = length;
	for (__u64 i = 0; i < AA_RULE_NAME_MAX / 8; i++) {
		__u64 left = length - i * 8; /* in the last word and behind it */
		__u64 mask = length > i * 8 ? ~0ULL : 0;

		if (left < 8)
			mask &= (1ULL << left * 8) - 1;
		key->name[i] = words[i] & mask;
	}
	return bpf_map_lookup_elem(rules, key);
}

/* What is below the node, if no rule is about it in particular, is for user space. */
static __always_inline bool is_kept_below(const struct aa_scratch *s)
{
	return (s->judged.flags & AA_BELOW) != AA_RULE_ALLOW_BELOW;
}

/* Goes on by the component that was found. */
static __always_inline void descend(struct aa_scratch *s, void *rules)
{
	struct aa_rule *rule = NULL;

	if (s->judged.over)
		return;
	if (s->judged.flags & AA_RULE_INNER && s->judged.length <= AA_RULE_NAME_MAX)
		rule = find_rule(s, rules, s->judged.node);
	s->judged.flags &= AA_BELOW;
	if (!rule) {
		s->judged.over = true;
		s->judged.kept |= is_kept_below(s);
		return;
	}
	s->judged.flags |= rule->flags;
	s->judged.node = rule->node;
	s->judged.kept |= !!(s->judged.flags & AA_RULE_KEEP_BELOW);
}

/* The component that begins at `start`. */
static __always_inline void measure_on(struct aa_scratch *s)
{
	__u64 found = 0;

	s->judged.length = 0;
	for (__u64 i = 0; i < AA_WORDS_MAX && !found && s->judged.start + s->judged.length < s->judged.end; i++) {
		found = find_bytes(record_word(s, s->judged.start + s->judged.length), '/');
		s->judged.length += found ? count_before(found) : 8;
	}
	if (s->judged.length > s->judged.end - s->judged.start)
		s->judged.length = s->judged.end - s->judged.start;
	if (s->judged.length == AA_WORDS_MAX * 8)
		s->judged.kept = true; /* its end was not found */
}

/* The component that ends at `start`: finds its beginning. */
static __always_inline void measure_back(struct aa_scratch *s)
{
	__u64 found = 0;

	s->judged.length = 0;
	for (__u64 i = 0; i < AA_WORDS_MAX && !found && s->judged.length < s->judged.start - s->judged.end; i++) {
		found = find_bytes(record_word(s, s->judged.start - s->judged.length - 8), '/');
		s->judged.length += found ? count_behind(found) : 8;
	}
	if (s->judged.length > s->judged.start - s->judged.end)
		s->judged.length = s->judged.start - s->judged.end;
	s->judged.start -= s->judged.length;
}

/* The components of a walked path stand from the last to the first, each with a '/' behind it. */
static long judge_walked(__u32 index, struct aa_judging *j)
{
	struct aa_scratch *s = j->s;

	if (s->judged.at <= s->judged.end || s->judged.over || s->judged.kept)
		return 1;
	s->judged.start = s->judged.at - 1;
	measure_back(s);
	s->judged.at = s->judged.start;
	descend(s, j->rules);
	return 0;
}

/* Dots of the component at `at`, which has nothing else. */
static __always_inline __u64 count_dots(const struct aa_scratch *s)
{
	__u64 at = s->judged.at, left = s->judged.end - at;

	if (record_byte(s, at) != '.')
		return 0;
	if (left == 1 || record_byte(s, at + 1) == '/')
		return 1;
	return record_byte(s, at + 1) == '.' && (left == 2 || record_byte(s, at + 2) == '/') ? 2 : 0;
}

/* The caller's string, to its end also where no rule is about it any more: what leads up again must be seen. */
static long judge_given(__u32 index, struct aa_judging *j)
{
	struct aa_scratch *s = j->s;
	__u64 dots;

	if (s->judged.at >= s->judged.end || s->judged.kept)
		return 1;
	if (record_byte(s, s->judged.at) == '/') {
		s->judged.at++;
		return 0;
	}
	dots = count_dots(s);
	if (dots) {
		s->judged.at += dots;
		s->judged.kept = dots == 2;
		return 0;
	}
	s->judged.start = s->judged.at;
	measure_on(s);
	s->judged.at += s->judged.length + 1;
	descend(s, j->rules);
	return 0;
}

/* The last component of a walked path is its first one in the record. */
static __always_inline void find_last(struct aa_scratch *s, const struct aa_path *path)
{
	s->judged.start = path->names.offset;
	s->judged.end = path->names.offset + path->names.length;
	measure_on(s);
}

/* Leaves of the name what it has from its last dot on. False: no dot among its last bytes. */
static __always_inline bool find_suffix(struct aa_scratch *s)
{
	__u64 end = s->judged.start + s->judged.length;
	__u64 dots = find_bytes(record_word(s, end - AA_RULE_SUFFIX_MAX), '.');
	__u64 length = count_behind(dots) + 1;

	if (!dots || length > s->judged.length)
		return false;
	s->judged.start = end - length;
	s->judged.length = length;
	return true;
}

/* A rule about the name, or its end, wherever the file is. */
static __always_inline bool has_kept_name(struct aa_scratch *s, void *rules)
{
	if (s->judged.length <= AA_RULE_NAME_MAX && find_rule(s, rules, AA_RULE_NAMES))
		return true;
	return find_suffix(s) && find_rule(s, rules, AA_RULE_SUFFIXES);
}

/* One path of an event: of a file, or of a directory and a name in it. */
static __always_inline bool allows(struct aa_scratch *s, void *rules, __u32 place, const struct aa_path *path,
				   const struct aa_span *name)
{
	struct aa_judging j = {.s = s, .rules = rules};
	struct aa_rule *root;

	if (place == AA_PLACE_NONE || path->flags & AA_PATH_DETACHED)
		return false;
	if (place == AA_PLACE_BASE && path->flags & AA_PATH_DELETED)
		return false; /* nothing can be in it */
	s->judged.start = s->judged.length = 0;
	root = find_rule(s, rules, AA_RULE_ROOT);
	s->judged.flags = root ? root->flags : 0;
	s->judged.node = AA_RULE_ROOT;
	s->judged.over = s->judged.kept = false;
	s->judged.end = path->names.offset;
	s->judged.at = path->names.offset + path->names.length;
	bpf_loop(AA_RULE_DEPTH + 1, judge_walked, &j, 0);
	if (place == AA_PLACE_FILE) {
		find_last(s, path);
	} else {
		s->judged.length = 0;
		s->judged.at = name->offset;
		s->judged.end = name->offset + name->length;
		bpf_loop(AA_PARTS_MAX, judge_given, &j, 0);
		if (!s->judged.length || s->judged.at < s->judged.end)
			return false;
	}
	if (s->judged.kept || s->judged.flags & (AA_RULE_KEEP | AA_RULE_KEEP_BELOW))
		return false;
	return s->judged.flags & (AA_RULE_ALLOW | AA_RULE_ALLOW_BELOW) && !has_kept_name(s, rules);
}

/* Of a file event that is ready to be sent. Every path of it must be allowed. The target of a symbolic link is for
 * user space to make a path of. A global function: the verifier looks at it once. Before 6.2 it takes a key only from
 * memory that it knows to be of a map, which the argument of such a function is not: so that is the slot. */
__noinline int is_slot_allowed(__u32 slot)
{
	struct aa_scratch *s = bpf_map_lookup_elem(&scratches, &slot);
	__u32 zero = 0;
	struct aa_file *f;
	void *rules;

	if (!s || !bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_loop))
		return false;
	rules = bpf_map_lookup_elem(&rule_sets, &zero);
	if (!rules)
		return false;
	f = (struct aa_file *)s->record;
	if (f->header.cut || f->header.unreadable || f->header.kind == AA_SYMLINK || f->marks & AA_FILE_CHROOTED)
		return false;
	if (!allows(s, rules, f->place, &f->path, &f->name))
		return false;
	return f->new_place == AA_PLACE_NONE || allows(s, rules, f->new_place, &f->new_path, &f->new_name);
}

static __always_inline bool is_suppressed(struct aa_scratch *s)
{
	return is_slot_allowed(s->slot);
}

static __always_inline void drop_suppressed(struct aa_scratch *s)
{
	if (cfg.counts_suppressed)
		__sync_fetch_and_add(&state.suppressed, 1);
	record_drop(s);
}

static __always_inline void send_unless_allowed(struct aa_scratch *s)
{
	if (cfg.has_rules && is_suppressed(s))
		drop_suppressed(s);
	else
		record_send(s);
}

#endif
