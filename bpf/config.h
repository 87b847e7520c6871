/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * What user space tells the BPF programs as settings, fixed at load, and what they tell it beside the records: counters
 * and the handshake of the ring buffer. Shared by both sides.
 */
#ifndef AA_CONFIG_H
#define AA_CONFIG_H

#include "events.h"

#define AA_TARGETS_MAX 65536 /* pids, and terminals, on one command line */
#define AA_PROCESSES_MAX (4 * 1024 * 1024) /* PID_MAX_LIMIT, include/linux/threads.h */
#define AA_SPARE_SLOTS 8 /* scratch buffers beside the one of each CPU */

/* Bits of aa_config.outcomes */
enum aa_outcome {
	AA_SUCCEEDED = 1 << 0,
	AA_FAILED = 1 << 1,
};

/* What a descriptor is open on; bits of aa_config.fd_types */
enum aa_fd_type {
	AA_FD_FILE = 1 << 0,
	AA_FD_DEVICE = 1 << 1, /* but terminals */
	AA_FD_PIPE = 1 << 2, /* and named ones */
	AA_FD_SOCKET = 1 << 3,
	AA_FD_TTY = 1 << 4,
	AA_FD_ANON = 1 << 5, /* eventfd, epoll, ... */
	AA_FD_ALL = (1 << 6) - 1,
};

/* Fixed when the programs are loaded: the verifier removes what a setting turns off. */
struct aa_config {
	__u64 ring_bytes; /* size of the ring buffer */
	__u64 wake_bytes; /* a napping reader is woken when this much waits for it */
	aa_kind_set kinds; /* events that are asked for */
	__u64 pid_namespace; /* address of aa-trace's own struct pid_namespace, if pid_level is not 0 */
	__u32 pid_level; /* how deep that is; 0: the initial one, pids are the kernel's own numbers */
	__u32 own_group; /* leave out this process group: aa-trace's own pipeline on a watched terminal
			  * (pipeline.bpf.h); 0: none. Its number in the initial pid namespace */
	__u32 outcomes; /* enum aa_outcome: of those that can fail */
	__u32 cpus; /* the highest number of a possible CPU plus 1: slots of the scratch map without the spares */
	__u8 watch_all;
	__u8 watch_children;
	__u8 await_pids; /* a target pid may come into being later */
	__u8 watch_ttys;
	__u8 fd_types; /* enum aa_fd_type: whose reads, writes and closes count */
	__u8 typed_loads; /* the kernel has bpf_rdonly_cast (6.2 and later): loads instead of probe reads */
	__u8 exit_tells_last; /* sched_process_exit has the argument group_dead (6.17 and later) */
	__u8 completes_cqe; /* io_uring_complete has the result in a struct (6.15 and later), not as an argument */
	__u8 has_rules; /* something may be suppressed, now or after the rules are read again */
	__u8 resolves; /* hooks leave the names of calls as the kernel resolved them */
	__u8 counts_work; /* for tests: enum aa_work */
	__u8 uring_creds_bit; /* of io_kiocb.flags: the request has credentials of its own; 0: not known */
	__u8 reads_env; /* an exec has its environment */
	__u8 counts_suppressed; /* aa_state.suppressed */
	__u8 reserved[2];
};

enum aa_loss {
	AA_LOST_RING_FULL = 0,
	AA_LOST_TOO_BIG = 1, /* no ring buffer of this size can hold the record */
	AA_LOST_NO_SCRATCH = 2, /* every scratch buffer was in use by preempted programs */
	AA_LOST_UNWATCHED = 3, /* a process could not be entered as watched: what it does may be missing */
	AA_LOST_MAP_FULL = 4, /* a read or write could not be counted: too many descriptors */
	AA_LOST_NO_RESULT =
		5, /* a request whose result io_uring does not tell: nobody asked for it, or its queue was full */
	AA_LOST_SKIPPED = 6, /* a program did not run because another task was preempted in it; counted by the kernel */
	AA_LOST_TOO_MANY = 7, /* descriptors that one call closed, beyond those that are told one by one */
	AA_LOSSES = 8,
};

/* Work whose amount a watched process chooses, as far as the tests count it: docs/architecture.md has every bound.
 * Counted only where aa_config.counts_work asks for it. */
enum aa_work {
	AA_WORK_ARGUMENTS = 0, /* of a failed exec, pointers that were read */
	AA_WORK_ARGV_BYTES = 1, /* and bytes of strings */
	AA_WORK_STEPS = 2, /* up a path: names and mounts, each time it is walked */
	AA_WORK_SWEPT = 3, /* turns of a look for counted descriptors */
	AA_WORK_CLOSES = 4, /* turns of a look for open descriptors, before close_range */
	AA_WORKS = 5,
};

/* Programs whose longest run is measured, where aa_config.counts_work asks for it. */
enum aa_timed {
	AA_TIMED_FORK = 0,
	AA_TIMED_EXEC = 1,
	AA_TIMED_EXIT = 2,
	AA_TIMED_SYSCALL_EXIT = 3,
	AA_TIMED_SYSCALL_ENTER = 4,
	AA_TIMED_SEED = 5,
	AA_TIMED_URING_SUBMIT = 6,
	AA_TIMED_URING_COMPLETE = 7,
	AA_TIMED_URING_FAIL_LINK = 8,
	AA_TIMED_URING_OVERFLOW = 9,
	AA_TIMED_URING_REFUSED = 10,
	AA_TIMED_PROGRAMS = 11,
};

/* What the reader of the ring buffer is doing: decides whether a record wakes it. */
enum aa_reader {
	AA_READER_BUSY = 0, /* looks again by itself */
	AA_READER_IDLE = 1, /* sleeps until something happens */
	AA_READER_NAPPING = 2, /* sleeps for some milliseconds: wake it only when much has come together */
};

/* Shared memory. Groups that different CPUs write stand on cache lines of their own. */
struct aa_state {
	__u32 reader; /* enum aa_reader; written by both sides */
	__u32 seeding; /* written by user space: the programs resolve ancestors until the iterator is through */
	__u64 rules; /* which set of rules is in force: written by user space, at least 1, one more with each new one */
	__u32 ended; /* written by user space: programs that are still attached do nothing */
	__u32 reserved;
	__u64 reserved0[5];
	__s64 live; /* watched processes that have not ended */
	__u64 found; /* tasks marked by the iterator, and refused marks, so far: a pass that adds none is the last */
	__u64 claimed; /* target pids under which a process was found so far */
	__u64 refused; /* marks that the kernel refused to make */
	__u64 suppressed; /* events that the rules left out, if cfg.counts_suppressed: of what went through a descriptor
			   * one */
	__u64 reserved1[3];
	__u64 lost[AA_LOSSES]; /* events that were asked for and did not arrive, by enum aa_loss */
	__u64 unseen; /* records that no event was asked of, and that did not arrive */
	__u64 reserved2[7];
};

/* A process */
struct aa_process_key {
	__u64 start; /* CLOCK_BOOTTIME, ns */
	__u32 pid;
	__u32 reserved;
};

/* Bits of a task's flags in task storage */
enum aa_task_flag {
	AA_TASK_WATCHED = 1 << 0,
	AA_TASK_EXCLUDED =
		1 << 1, /* aa-trace itself, or its pipeline; with AA_TASK_WATCHED: what it makes is watched */
	AA_TASK_EXIT_SENT = 1 << 2, /* on the leader: the exit of the process was reported */
	AA_TASK_PIPELINE = 1 << 3, /* what it makes is left out too */
	AA_TASK_SHELL = 1 << 4, /* made the pipeline of aa-trace, perhaps not all of it yet */
	AA_TASK_LATE = 1 << 5, /* made by it since: a member if it does its first thing in aa-trace's group */
	AA_TASK_ANSWERED = 1 << 6, /* one of its filters of seccomp can say that a call succeeded */
};

AA_ASSERT(sizeof(struct aa_config) == 64, "no hidden padding");
AA_ASSERT(sizeof(struct aa_state) == 256, "four cache lines");

#endif
