/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * The wire format: what the BPF programs put into the ring buffer, and what decode.cpp takes out again.
 *
 * A record is a fixed struct that starts with `struct aa_header`, then the bytes of its strings. A string is found by
 * its span (offset and length within the record) in the fixed struct. Both compilers check the layout at the end.
 */
#ifndef AA_EVENTS_H
#define AA_EVENTS_H

#include "kinds.h"

/* Longest string that is captured whole, in bytes. PATH_MAX and NAME_MAX: include/uapi/linux/limits.h. */
#define AA_PATH_MAX 4096 /* a path or a name, without its NUL at most 4095 */
#define AA_PATH_DEPTH 128 /* components of a walked path */
#define AA_ARGV_MAX 32768 /* all arguments of one exec together, with their NULs */
#define AA_ENV_MAX 32768 /* the environment of one exec, with the NULs; less where the rest of its record is long */
#define AA_COMM_LEN 16 /* TASK_COMM_LEN, include/linux/sched.h */

/* Bits of aa_header.flags */
enum aa_record_flag {
	AA_COMPAT = 1 << 0, /* a 32-bit system call */
	AA_UNASKED = 1 << 1, /* for the process tree only: the selection leaves this event out */
	AA_SCRIPT = 1 << 2, /* exec: an interpreter runs the file that was asked for */
	AA_GENERATED = 1 << 3, /* exec: `filename` is the kernel's /dev/fd/N[/NAME] for a descriptor */
	AA_URING = 1 << 4, /* came through io_uring */
};

/* Bits of aa_path.flags */
enum aa_path_flag {
	AA_PATH_DELETED = 1 << 0, /* the last component has no name any more */
	AA_PATH_DETACHED = 1 << 1, /* reached no mount; one name: of a pipe, socket, anonymous inode, memfd */
};

/* `offset` is from the start of the record. */
struct aa_span {
	__u16 offset;
	__u16 length;
};

/* A path as the walk found it: components from the last to the first, each followed by '/'. */
struct aa_path {
	struct aa_span names;
	__u16 flags; /* enum aa_path_flag */
	__u16 mode; /* of a detached file: its type */
	__u64 inode; /* of a detached file */
};

/* `cut` and `unreadable` have a bit for each string of the record's kind (enum aa_exec_string, ...). */
struct aa_header {
	__u32 size; /* of the whole record, bytes */
	__u8 kind; /* enum aa_kind */
	__u8 flags; /* enum aa_record_flag */
	__u8 cut; /* these strings are longer than what is here */
	__u8 unreadable; /* these strings could not be read */
	__u64 time; /* CLOCK_BOOTTIME, ns */
	__u64 start; /* when the process was created, CLOCK_BOOTTIME, ns: with pid, its identity */
	__u32 pid;
	__u32 tid;
	__u32 ppid;
	__u32 uid; /* effective */
	__u32 gid; /* effective */
	__u32 exec_id; /* changes with each successful exec of the process (task_struct.self_exec_id) */
	char comm[AA_COMM_LEN]; /* of the thread */
};

/* Also AA_JOIN: then the child is the process that joined, which may be the one of the header. */
struct aa_fork {
	struct aa_header header;
	__u64 child_start;
	__u32 child_pid;
	__u32 reserved;
};

#define AA_NO_UID ((__u32)-1)

enum aa_exec_string {
	AA_EXEC_FILENAME = 0,
	AA_EXEC_ARGV = 1,
	AA_EXEC_CWD = 2,
	AA_EXEC_EXE = 3,
	AA_EXEC_BASE = 4,
	AA_EXEC_ENV = 5,
};

struct aa_exec {
	struct aa_header header;
	__s32 error; /* 0, or the negative errno of a failed call */
	__u32 argv_bytes; /* true length of all arguments with their NULs; 0 where it is not known */
	struct aa_span filename;
	struct aa_span argv; /* each argument is followed by a NUL */
	struct aa_path cwd;
	struct aa_path exe;
	struct aa_path
		base; /* what the descriptor in a generated filename is open on; of a failed call, its directory */
	__u32 loginuid; /* AA_NO_UID: none */
	__u32 ruid;
	__u32 env_bytes; /* as argv_bytes */
	struct aa_span env; /* as argv; of a successful call, if asked for */
};

/* Counted descriptors of the process that were more than its end had time for: user space ends them. */
enum aa_exit_left {
	AA_LEFT_TABLE = 1 << 0,
	AA_LEFT_FIXED = 1 << 1, /* of its io_urings */
	AA_LEFT_SHARED = 1 << 2, /* AA_TABLE: not gone yet, others have the table too */
};

/* Bits of `unreadable` of an exit. */
enum aa_exit_value {
	AA_EXIT_TIMES = 0, /* utime, stime, runtime */
	AA_EXIT_MAX_RSS = 1,
};

/* Also AA_TABLE, of which what was used is not told. */
struct aa_exit {
	struct aa_header header;
	__u32 status; /* as wait(2) gives it: code << 8, or signal | 0x80 if a core was written */
	__u32 left; /* enum aa_exit_left */
	__u64 table; /* of its descriptors */
	__u64 max_rss; /* pages */
	/* CPU time of all its threads, ns: in user mode and in the kernel, as the ticks of the clock met it; both, as
	 * the scheduler measured it */
	__u64 utime;
	__u64 stime;
	__u64 runtime;
	/* what the kernel has told of it before: it does not go back */
	__u64 told_utime;
	__u64 told_stime;
};

enum aa_file_string {
	AA_FILE_PATH = 0,
	AA_FILE_NAME = 1,
	AA_FILE_NEW_PATH = 2,
	AA_FILE_NEW_NAME = 3,
	AA_FILE_TEXT = 4,
	AA_FILE_ROOT = 5,
};

/* What a path of a file event is. */
enum aa_place {
	AA_PLACE_NONE = 0, /* there is none */
	AA_PLACE_FILE = 1, /* the file's own, as the kernel resolved it */
	AA_PLACE_BASE = 2, /* of the directory that the name is relative to */
};

/* Bits of aa_file.marks */
enum aa_file_mark {
	AA_FILE_CREATED = 1 << 0, /* open: this call made the file */
	AA_FILE_REMOVED = 1 << 1, /* xattr: the attribute was taken away */
	AA_FILE_POSITIONED = 1 << 2, /* `offset` is valid */
	AA_FILE_CHROOTED = 1 << 3, /* `root` is valid: names begin there */
	AA_FILE_PENDING = 1 << 4, /* an io_uring request: an AA_RESULT with the same `offset` will tell its result */
	AA_FILE_NO_RESULT = 1 << 5, /* the program asked io_uring for no result, and nothing else tells it */
	AA_FILE_NO_FLAGS = 1 << 6, /* flags and mode could not be read */
	AA_FILE_IN_ROOT = 1 << 7, /* the directory of the name is also its root: RESOLVE_IN_ROOT of openat2 */
	AA_FILE_DOUBTFUL = 1 << 8, /* open: what is under the number may be another file by now */
	AA_FILE_ORPHAN = 1 << 9, /* AA_DESCRIPTOR: of a request alone, as AA_IO_ORPHAN */
	AA_FILE_UNVERIFIED = 1 << 10, /* it says that it succeeded; a supervisor or tracer may have said so instead */
	AA_FILE_NO_ARGUMENTS = 1 << 11, /* mmap: descriptor and length could not be read */
	AA_FILE_NO_OFFSET = 1 << 12, /* read and write: `offset` could not be read */
	AA_FILE_SOME_FLAGS =
		1 << 13, /* open: `flags` has those that the file keeps, of the others some are not known */
	AA_FILE_NOT_CREATED = 1 << 14, /* open that failed: it is known that it made no file */
	AA_FILE_REPLACED = AA_FILE_CREATED, /* rename: there was a file at `new_path`, which is gone if it succeeds */
	AA_FILE_NOT_REPLACED = AA_FILE_NOT_CREATED, /* rename: there was none */
};

/* In the place of an errno: the call did not run, seccomp refused it with a signal. No errno of the kernel is so high.
 */
#define AA_REFUSED 4095

/* A file of an io_uring's own table, not of the process's: set in a descriptor's number. */
#define AA_FD_FIXED 0x80000000U

/* Every file event but io; which fields are valid depends on the kind. Also AA_DESCRIPTOR: `size` is its generation,
 * `offset` its table. */
struct aa_file {
	struct aa_header header;
	__s32 error; /* 0, or the negative errno of a failed call */
	__s32 fd; /* -1: none */
	__u32 flags; /* as the caller gave them */
	__u32 mode;
	__s64 size; /* size, length, or transferred bytes */
	__s64 offset;
	__u32 uid; /* new owner, (__u32)-1: unchanged */
	__u32 gid;
	__u8 place; /* enum aa_place of `path` */
	__u8 new_place; /* enum aa_place of `new_path` */
	__u16 marks; /* enum aa_file_mark */
	struct aa_span text; /* symlink: target; xattr: name of the attribute */
	struct aa_path path;
	struct aa_path new_path;
	struct aa_path root; /* of the process, where it is not the root of its mount namespace */
	struct aa_span name; /* as the caller gave it */
	struct aa_span new_name;
	__u64 inode; /* of the file at `path`, where it is known: then `device` is not 0 */
	__u32 device; /* of its file system: major << 20 | minor */
	__u32 reserved;
};

/* What went through a descriptor, successful calls and bytes. */
struct aa_totals {
	__u64 reads;
	__u64 read_bytes;
	__u64 writes;
	__u64 written_bytes;
};

/* Bits of aa_io.marks */
enum aa_io_mark {
	AA_IO_CLOSED = 1 << 0, /* the descriptor has gone */
	AA_IO_LATE = 1 << 1, /* a call that ended when its descriptor had gone: the totals are of this call alone */
	AA_IO_ORPHAN = 1 << 2, /* a request that outlives its process: it has a generation beside its descriptor's */
	AA_IO_UNVERIFIED = 1 << 3, /* some of it, as AA_FILE_UNVERIFIED */
};

#define AA_NO_GENERATION (~0ULL) /* late: not of the descriptor that is open under its number */

/* The totals of a descriptor since its first use, at its end. */
struct aa_io {
	struct aa_header header;
	__u32 fd;
	__u32 marks; /* enum aa_io_mark */
	__u64 generation; /* as in its AA_DESCRIPTOR; late: 0 if it was open on what is open under its number, if any */
	__u64 table; /* that the number is of: address of the struct files_struct; 0 with AA_FD_FIXED */
	struct aa_totals totals;
};

/* What `iter/task` writes for a watched process that is alive; not a ring buffer record. */
struct aa_seed {
	__u64 start;
	__u64 parent_start;
	__u32 pid;
	__u32 ppid;
	__u32 exec_id;
	__u32 reserved;
	char comm[AA_COMM_LEN];
};

/* The longest record: an exec with four whole paths and all its arguments. Spans are 16 bits wide. */
#define AA_RECORD_MAX 65536

#ifdef __cplusplus
#define AA_ASSERT static_assert
#else
#define AA_ASSERT _Static_assert
#endif
AA_ASSERT(sizeof(struct aa_header) == 64, "one cache line");
AA_ASSERT(sizeof(struct aa_fork) == 80, "no hidden padding");
AA_ASSERT(sizeof(struct aa_exec) == 144, "no hidden padding");
AA_ASSERT(sizeof(struct aa_exit) == 128, "no hidden padding");
AA_ASSERT(sizeof(struct aa_file) == 184, "no hidden padding");
AA_ASSERT(sizeof(struct aa_io) == 120, "no hidden padding");
AA_ASSERT(sizeof(struct aa_seed) == 48, "no hidden padding");
AA_ASSERT(__builtin_offsetof(struct aa_header, time) == 8, "same in both compilers");
AA_ASSERT(__builtin_offsetof(struct aa_header, comm) == 48, "same in both compilers");
AA_ASSERT(__builtin_offsetof(struct aa_exec, filename) == 72, "same in both compilers");
AA_ASSERT(__builtin_offsetof(struct aa_file, path) == 112, "same in both compilers");
AA_ASSERT(sizeof(struct aa_exec) + 4 * AA_PATH_MAX + AA_ARGV_MAX < AA_RECORD_MAX, "a record fits its spans");
AA_ASSERT(sizeof(struct aa_file) + 6 * AA_PATH_MAX < AA_RECORD_MAX, "a record fits its spans");

#endif
