/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * Path rules in the kernel: is a file event allowed away? Only what is certain is dropped, everything else goes to user
 * space, which knows all rules. The rules are a tree of components, in which a path is followed from its root down.
 */
#ifndef AA_RULES_BPF_H
#define AA_RULES_BPF_H

#include "emit.bpf.h"

#define AA_PARTS_MAX 32 /* components of the caller's string that are looked at */
#define AA_BELOW (AA_RULE_ALLOW_BELOW | AA_RULE_KEEP_BELOW)

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

/* Goes on by the component that was found. */
static __always_inline void descend(struct aa_scratch *s, void *rules)
{
	struct aa_rule *rule;

	if (s->judged.over)
		return;
	s->judged.flags &= AA_BELOW;
	rule = s->judged.length <= AA_RULE_NAME_MAX ? find_rule(s, rules, s->judged.node) : NULL;
	if (!rule) {
		s->judged.over = true;
		return;
	}
	s->judged.flags |= rule->flags;
	s->judged.node = rule->node;
}

static long step_back(__u32 index, struct aa_scratch **context)
{
	struct aa_scratch *s = *context;

	if (s->judged.start <= s->judged.end || record_byte(s, s->judged.start - 1) == '/')
		return 1;
	s->judged.start--;
	s->judged.length++;
	return 0;
}

static long step_on(__u32 index, struct aa_scratch **context)
{
	struct aa_scratch *s = *context;
	__u64 at = s->judged.start + s->judged.length;

	if (at >= s->judged.end || record_byte(s, at) == '/')
		return 1;
	s->judged.length++;
	return 0;
}

/* The components of a walked path stand from the last to the first, each with a '/' behind it. */
static long judge_walked(__u32 index, struct aa_judging *j)
{
	struct aa_scratch *s = j->s;

	if (s->judged.at <= s->judged.end || s->judged.over)
		return 1;
	s->judged.start = s->judged.at - 1;
	s->judged.length = 0;
	bpf_loop(AA_RULE_NAME_MAX + 1, step_back, &s, 0);
	s->judged.at = s->judged.start;
	descend(s, j->rules);
	return 0;
}

static __always_inline bool leads_up(const struct aa_scratch *s)
{
	__u64 length = s->judged.length;

	return length <= 2 && record_byte(s, s->judged.start) == '.' &&
	       (length == 1 || record_byte(s, s->judged.start + 1) == '.');
}

/* The caller's string, to its end also where no rule is about it any more: what leads up again must be seen. */
static long judge_given(__u32 index, struct aa_judging *j)
{
	struct aa_scratch *s = j->s;

	if (s->judged.at >= s->judged.end)
		return 1;
	if (record_byte(s, s->judged.at) == '/') {
		s->judged.at++;
		return 0;
	}
	s->judged.start = s->judged.at;
	s->judged.length = 0;
	bpf_loop(AA_RULE_NAME_MAX + 1, step_on, &s, 0);
	s->judged.at += s->judged.length;
	s->judged.odd = s->judged.length > AA_RULE_NAME_MAX || leads_up(s);
	if (s->judged.odd)
		return 1;
	descend(s, j->rules);
	return 0;
}

/* The last component of a walked path is its first one in the record. */
static __always_inline void find_last(struct aa_scratch *s, const struct aa_path *path)
{
	s->judged.start = path->names.offset;
	s->judged.end = path->names.offset + path->names.length;
	s->judged.length = 0;
	bpf_loop(AA_RULE_NAME_MAX + 1, step_on, &s, 0);
	s->judged.odd = s->judged.length > AA_RULE_NAME_MAX;
}

/* Leaves of the name what it has from its last dot on. False: no dot among its last bytes. */
static __always_inline bool find_suffix(struct aa_scratch *s)
{
	__u64 end = s->judged.start + s->judged.length;

	for (__u64 i = 1; i <= AA_RULE_SUFFIX_MAX && i <= s->judged.length; i++)
		if (record_byte(s, end - i) == '.') {
			s->judged.start = end - i;
			s->judged.length = i;
			return true;
		}
	return false;
}

/* A rule about the name, or its end, wherever the file is. */
static __always_inline bool has_kept_name(struct aa_scratch *s, void *rules)
{
	return find_rule(s, rules, AA_RULE_NAMES) || (find_suffix(s) && find_rule(s, rules, AA_RULE_SUFFIXES));
}

/* One path of an event: of a file, or of a directory and a name in it. */
static __always_inline bool allows(struct aa_scratch *s, void *rules, __u32 place, const struct aa_path *path,
			      const struct aa_span *name)
{
	struct aa_judging j = {.s = s, .rules = rules};
	struct aa_rule *root;

	if (place == AA_PLACE_NONE || path->flags & AA_PATH_DETACHED)
		return false;
	s->judged.start = s->judged.length = 0;
	root = find_rule(s, rules, AA_RULE_ROOT);
	s->judged.flags = root ? root->flags : 0;
	s->judged.node = AA_RULE_ROOT;
	s->judged.over = s->judged.odd = false;
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
	if (s->judged.odd || s->judged.flags & (AA_RULE_KEEP | AA_RULE_KEEP_BELOW))
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

static __always_inline bool is_allowed(struct aa_scratch *s)
{
	return is_slot_allowed(s->slot);
}

static __always_inline void send_unless_allowed(struct aa_scratch *s)
{
	if (cfg.has_rules && is_allowed(s))
		record_drop(s);
	else
		record_send(s);
}

#endif
