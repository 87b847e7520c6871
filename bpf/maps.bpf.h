/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * All maps and globals of the BPF side.
 */
#ifndef AA_MAPS_BPF_H
#define AA_MAPS_BPF_H

#include "calls.h"
#include "config.h"
#include "descriptors.h"
#include "rules.h"
#include "used.h"

const volatile struct aa_config cfg;
struct aa_state state;
bool pipeline_complete; /* the shell is at something else: nobody comes into aa-trace's pipeline any more */
__u64 work[AA_WORKS]; /* enum aa_work: what the programs did, for the tests that hold them to their bounds */
__u64 longest[AA_TIMED_PROGRAMS]; /* enum aa_timed: ns; for make bench */

struct aa_task {
	__u32 flags; /* enum aa_task_flag */
	__u32 opened; /* enum aa_opened, of the call that the task is in */
	__u64 filter; /* address of the last filter of seccomp that was looked at */
	__u64 opened_dentry; /* what the hook has seen first in that call */
	__u64 opened_mnt;
};

/* The flag that makes a task watched lives and dies with the task: nothing is keyed by a number that can be reused. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct aa_task);
} tasks SEC(".maps");

/* Target pids. Value: 0, or the start of the process that was found under this pid. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, AA_TARGETS_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32);
	__type(value, __u64);
} target_pids SEC(".maps");

/* Target terminals by device number (major << 20 | minor, as in include/linux/kdev_t.h). The value is not used. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, AA_TARGETS_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32);
	__type(value, __u8);
} target_ttys SEC(".maps");

/* The watched processes that are alive: to know when none is left, and whose descendants belong to the watch while what
 * is alive is being found. The value is not used. User space sets max_entries, also below: each costs 16 bytes. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, AA_PROCESSES_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct aa_process_key);
	__type(value, __u8);
} processes SEC(".maps");

/* Processes that ended while what is alive was being found. The value is not used. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, AA_PROCESSES_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct aa_process_key);
	__type(value, __u8);
} gone SEC(".maps");

/* What a hook found out about the names of the system call that the task is in, or about what an open has opened. One
 * path has a little less room than in a record: two are just below the 8 KiB from which on the kernel would take 16 for
 * each task. */
#define AA_RESOLVED_MAX 3800

struct aa_resolved {
	bool asked; /* a hook has seen the call */
	bool kept; /* and left its names */
	__u16 replaced; /* rename: AA_FILE_REPLACED, AA_FILE_NOT_REPLACED, or 0 */
	__u32 device; /* 0: there is none */
	__u64 mnt; /* struct vfsmount that the call asked to write to */
	__u64 inode; /* of the file at the first name, as in struct aa_file */
	struct aa_path path; /* `names` is in use, its offset is not */
	struct aa_path new_path;
	char names[AA_RESOLVED_MAX];
	char new_names[AA_RESOLVED_MAX];
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct aa_resolved);
} resolved SEC(".maps");

/* One row a system call; one table an ABI: index = abi * AA_SYSCALLS_MAX + number. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, AA_ABIS *AA_SYSCALLS_MAX);
	__type(key, __u32);
	__type(value, struct aa_call);
} calls SEC(".maps");

/* What went through descriptors: as long as they are open. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, AA_DESCRIPTORS_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct aa_descriptor_key);
	__type(value, struct aa_descriptor);
} descriptors SEC(".maps");

/* Which descriptors of a table are counted: used.h. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, AA_DESCRIPTORS_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct aa_table_key);
	__type(value, struct aa_used);
} descriptor_users SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, AA_DESCRIPTORS_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct aa_table_key);
	__type(value, struct aa_node);
} used_nodes SEC(".maps");

/* A request of io_uring on its way. */
struct aa_request {
	struct aa_header header; /* whose it is */
	__u32 from; /* descriptor; of an open the slot of the ring's table, 0: none */
	__u32 to; /* that a transfer writes to */
	__s64 from_offset;
	__s64 to_offset;
	__u64 ring; /* address of the struct io_ring_ctx */
	__u64 user_data;
	__u64 older; /* neighbours in its chain, keys of `requests`; 0: none */
	__u64 newer;
	__u8 opcode;
	bool told; /* its own record was sent, and waits for the result */
	__u8 reserved[6];
};

/* By the address of the struct io_kiocb. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, AA_REQUESTS_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64);
	__type(value, struct aa_request);
} requests SEC(".maps");

/* What an overflow tells of a request. */
struct aa_chain_key {
	__u64 ring;
	__u64 user_data;
};

/* The requests on their way that have both in common: mostly one. pending.bpf.h */
struct aa_chain {
	struct aa_chain_key of; /* the memory of one that has gone may be another's */
	__u64 newest; /* keys of `requests` */
	__u64 oldest;
	__u64 over; /* one of those that were there by then will not be told; CLOCK_BOOTTIME, ns */
	__u32 busy;
	__u32 reserved;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, AA_REQUESTS_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct aa_chain_key);
	__type(value, struct aa_chain);
} chains SEC(".maps");

/* A slot of an io_uring's own table of files. */
struct aa_slot_key {
	__u64 ring; /* address of the struct io_ring_ctx */
	__u64 start; /* of the process, CLOCK_BOOTTIME, ns */
	__u32 pid;
	__u32 slot;
};

/* The number under which its reads and writes are counted: each ring has a slot 0, and a process many rings. One that
 * is pushed out gets a new number. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, AA_SLOTS_MAX);
	__type(key, struct aa_slot_key);
	__type(value, __u32);
} slots SEC(".maps");

/* The path rules in force, or nothing: no rule suppresses anything. A new set takes the place of the old one as a
 * whole. */
struct aa_rule_set {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(key_size, sizeof(struct aa_rule_key));
	__uint(value_size, sizeof(struct aa_rule));
};
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct aa_rule_set);
} rule_sets SEC(".maps");

#define AA_DENTRY_BYTES 44 /* from d_seq to the end of d_name, in a kernel without lockdep */

/* What a walk met on its way, to be looked at again: two for a mount, one for a name. */
struct aa_seen {
	__u64 address;
	__u64 value;
};
#define AA_SEEN_MAX 2048

/* A record is built here and copied to the ring buffer in its true length. */
struct aa_scratch {
	__u32 busy;
	__u32 slot; /* where this is in the map */
	__u32 size; /* of the record so far */
	__u32 reserved;
	struct { /* state of a walk, path.bpf.h, climb.bpf.h */
		__u64 first_dentry; /* of the file: a scalar, where a register would hold a pointer */
		__u64 first_mount;
		__u64 dentry; /* where append_names() starts */
		__u64 mount;
		__u64 root; /* dentry: of that mount */
		__u64 count; /* of names so far */
		__u64 extent; /* of a path that is too long */
		__u64 climbed; /* steps of its walks so far */
		__u32 begin; /* of the path, in the record */
		int end; /* AA_PATH_ON, or how a walk ended */
		__u32 moving; /* lowest bit: something on the way was just being moved */
		__u32 cut; /* the path is longer than what fits */
		__u32 seen; /* how much is in `seen` */
		__u32 fence; /* read_all_before() */
		__u32 aligns; /* d_seq stands at a multiple of 4, and what is behind it at one of 8 */
		__u8 dentry_bytes[AA_DENTRY_BYTES]; /* of the last dentry, from its d_seq on: read_dentry() */
	} walk;
	struct { /* state of a loop over arguments, exec.bpf.h */
		__u64 taken; /* bytes that are in the record */
		/* Of a pointer, bytes. Not on the stack: before 6.8 the verifier forgets that a branch in a callback
		 * hung on a constant of the caller's stack (41f6f64e6999), takes both callers for the same, and lets
		 * only one branch live. */
		__u64 width;
	} argv; /* in memory: in registers they would multiply the verifier's states */
	struct { /* state of a path on its way through the rules, rules.bpf.h */
		__u64 at; /* in the record: where the next component begins; in a walked path, where it ends */
		__u64 end; /* where the last one ends; in a walked path, begins */
		__u64 start; /* of the last component, and its length */
		__u64 length;
		__u64 node; /* where the path has come to */
		__u64 flags; /* enum aa_rule_flag, of this node, and of those above what is for everything below */
		bool over; /* no rule is about anything below the node */
		bool kept; /* decided: user space has to look at it */
		__u8 reserved[6];
		struct aa_rule_key key; /* that is looked for */
	} judged;
	struct aa_descriptor entry; /* that begins; too much for the stack */
	__u64 plain; /* as_number() */
	char record[AA_RECORD_MAX];
	/* The verifier lets the longest string that begins at the end of a record reach into this. None does: the
	 * longest record is shorter by more than that. */
	struct aa_seen seen[AA_SEEN_MAX];
};

AA_ASSERT(sizeof(struct aa_seen) * AA_SEEN_MAX == AA_ARGV_MAX, "offset plus longest string");

/* User space sets max_entries: one for each CPU, and AA_SPARE_SLOTS. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct aa_scratch);
} scratches SEC(".maps");

/* User space sets max_entries (--buffer). */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 << 20);
} events SEC(".maps");

/* Wakes the reader: what is in it says nothing. `events` cannot: it wakes with a record, and whether that is needed
 * shows only when the record is in the ring. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} bell SEC(".maps");

#endif
