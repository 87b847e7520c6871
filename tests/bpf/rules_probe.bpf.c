// SPDX-License-Identifier: MIT OR GPL-2.0-only
//
// The path rules of the kernel without the events: what they say of records that a test has made, and how long they
// take.
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "rules.bpf.h"
#include "rules_probe.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct aa_probe probes[AA_PROBES];
__u32 probe_count;
__u64 probe_ns;  /* all rounds together */
__u64 lookup_ns; /* as many rounds of one look-up in the map of rules */

static __always_inline struct aa_scratch* put_record(__u32 index) {
  __u32 slot = 0;
  struct aa_scratch* s = bpf_map_lookup_elem(&scratches, &slot);

  if (s) bpf_probe_read_kernel(s->record, AA_PROBE_RECORD, probes[index].record);
  return s;
}

static long judge_one(__u32 index, void* context) {
  struct aa_scratch* s;

  if (index >= AA_PROBES) return 1;
  s = put_record(index);
  probes[index].allowed = s && is_suppressed(s);
  return 0;
}

SEC("syscall")
int judge_all(void* ctx) {
  bpf_loop(probe_count, judge_one, NULL, 0);
  return 0;
}

static long judge_again(__u32 index, struct aa_scratch** s) {
  is_suppressed(*s);
  return 0;
}

/* What every look consists of: the unit in which its cost is told, since machines differ. */
static long look_up_again(__u32 index, struct aa_judging* j) {
  j->s->judged.start = sizeof(struct aa_file);
  j->s->judged.length = AA_RULE_NAME_MAX;
  find_rule(j->s, j->rules, AA_RULE_ROOT);
  return 0;
}

SEC("syscall")
int judge_for_long(void* ctx) {
  struct aa_scratch* s = put_record(0);
  struct aa_judging j = {.s = s};
  __u32 in_force = 0;
  __u64 before;

  j.rules = bpf_map_lookup_elem(&rule_sets, &in_force);
  if (!s || !j.rules) return 0;
  before = bpf_ktime_get_ns();
  bpf_loop(AA_PROBE_ROUNDS, judge_again, &s, 0);
  probe_ns = bpf_ktime_get_ns() - before;
  before = bpf_ktime_get_ns();
  bpf_loop(AA_PROBE_ROUNDS, look_up_again, &j, 0);
  lookup_ns = bpf_ktime_get_ns() - before;
  return 0;
}
