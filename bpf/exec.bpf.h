/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * exec: the successful ones from sched_process_exec, the failed ones from the return of execve and execveat.
 */
#ifndef AA_EXEC_BPF_H
#define AA_EXEC_BPF_H

#include "sweep.bpf.h"
#include "place.bpf.h"
#include "syscall.bpf.h"
#include "watch.bpf.h"

/* Of a failed call, beside AA_ARGV_MAX bytes: each argument costs two reads of the caller's memory, some 70 ns. The
 * kernel itself may not have looked at a single one. */
#define AA_ARGS_MAX 1024
#define AA_ARGS_UNLOOPED 64 /* without bpf_loop (before 5.17) */

/* The new program's arguments lie in one piece in its memory. */
static __always_inline void add_own_argv(struct aa_scratch *s, struct aa_exec *e, struct mm_struct *mm)
{
	__u64 start = LOAD(struct mm_struct, mm, arg_start), total = LOAD(struct mm_struct, mm, arg_end) - start;
	__u32 length = total > AA_ARGV_MAX ? AA_ARGV_MAX : total;

	e->argv_bytes = total;
	if (bpf_probe_read_user(record_end(s), length, (const void *)start)) {
		mark_unreadable(s, AA_EXEC_ARGV);
		return;
	}
	if (total > AA_ARGV_MAX)
		mark_cut(s, AA_EXEC_ARGV);
	take_span(s, &e->argv, length);
}

/* So does its environment. It comes last in the record, and has what room is left. */
static __always_inline void add_own_env(struct aa_scratch *s, struct aa_exec *e, struct mm_struct *mm)
{
	__u64 start = LOAD(struct mm_struct, mm, env_start), total = LOAD(struct mm_struct, mm, env_end) - start;
	__u64 room = AA_RECORD_MAX - s->size;
	__u32 length = total > AA_ENV_MAX ? AA_ENV_MAX : total;

	if (length > room)
		length = room;
	/* the verifier of 6.1 learns nothing from comparing two variables, and the compiler knows what it does not */
	asm volatile("" : "+r"(length));
	if (length > AA_ENV_MAX)
		length = AA_ENV_MAX;
	e->env_bytes = total;
	if (bpf_probe_read_user(record_end(s), length, (const void *)start)) {
		mark_unreadable(s, AA_EXEC_ENV);
		return;
	}
	if (length < total)
		mark_cut(s, AA_EXEC_ENV);
	take_span(s, &e->env, length);
}

/* Who logged in, whatever the ids are by now (audit); the real user. */
static __always_inline void add_users(struct aa_exec *e, struct task_struct *task)
{
	e->loginuid = bpf_core_field_exists(task->loginuid) ? LOAD(struct task_struct, task, loginuid.val) : AA_NO_UID;
	e->ruid = BPF_CORE_READ(task, cred, uid.val);
}

/* The N of a generated name "/dev/fd/N[/NAME]" (alloc_bprm() in fs/exec.c). */
static __always_inline __u32 generated_fd(const char *name)
{
	char digits[10] = {};
	__u32 fd = 0;

	bpf_probe_read_kernel_str(digits, sizeof digits, name + sizeof "/dev/fd/" - 1);
	for (__u64 i = 0; i < sizeof digits && digits[i] >= '0' && digits[i] <= '9'; i++)
		fd = fd * 10 + digits[i] - '0';
	return fd;
}

static __always_inline void fill_exec(struct aa_scratch *s, struct task_struct *task, struct linux_binprm *bprm,
				      bool asked)
{
	struct aa_exec *e = (struct aa_exec *)s->record;

	if (bprm->fdpath)
		e->header.flags |= AA_GENERATED;
	if (bprm->interp != bprm->filename)
		e->header.flags |= AA_SCRIPT;
	add_kernel_string(s, &e->filename, AA_EXEC_FILENAME, bprm->filename);
	add_file_path(s, &e->exe, AA_EXEC_EXE, BPF_CORE_READ(task, mm, exe_file));
	if (!asked)
		return;
	add_own_argv(s, e, LOAD(struct task_struct, task, mm));
	add_cwd(s, &e->cwd, AA_EXEC_CWD);
	if (bprm->fdpath && bprm->interp != bprm->filename)
		add_file_path(s, &e->base, AA_EXEC_BASE, file_of(task, generated_fd(bprm->fdpath)));
	add_users(e, task);
	if (cfg.reads_env)
		add_own_env(s, e, LOAD(struct task_struct, task, mm));
}

static __always_inline void on_process_exec(struct task_struct *task, struct linux_binprm *bprm)
{
	bool asked = asked_for(AA_EXEC, 0);
	struct aa_scratch *s;

	if (!is_watched(task)) {
		if (!is_on_target_tty(task) || is_left_out(task))
			return;
		join(task);
	}
	s = record_start(AA_EXEC, sizeof(struct aa_exec), task, asked);
	if (!s)
		return;
	fill_exec(s, task, bprm, asked);
	record_send(s);
	end_closed_on_exec();
}

/* What the loop over the arguments of a failed call keeps. */
struct aa_argv_walk {
	struct aa_scratch *s;
	__u64 next; /* address of the next pointer */
	int end; /* enum aa_argv_end; 0: not at its end */
};

enum aa_argv_end {
	AA_ARGV_WHOLE = 1,
	AA_ARGV_FAULT = 2, /* a pointer or string could not be read */
	AA_ARGV_CUT = 3, /* there is more than what is read */
};

/* Appends an argument. Nothing is read beyond the room that is left, but for one byte: it tells an argument that is cut
 * from one that just fits. */
static __always_inline int take_argument(struct aa_scratch *s, __u64 argument)
{
	__u64 room = AA_ARGV_MAX - s->argv.taken;
	long length;

	if (!room || room > AA_ARGV_MAX)
		return AA_ARGV_CUT;
	length = read_user_string(record_end(s), room + 1, argument);
	if (length < 0)
		return AA_ARGV_FAULT;
	count_work(AA_WORK_ARGV_BYTES, length);
	if (length > room) {
		s->size += room;
		s->argv.taken = AA_ARGV_MAX;
		return AA_ARGV_CUT;
	}
	s->size += length;
	s->argv.taken += length;
	return 0;
}

static long next_argument(__u32 index, struct aa_argv_walk *w)
{
	__u64 pointer = 0;

	count_work(AA_WORK_ARGUMENTS, 1);
	if (read_user(&pointer, w->s->argv.width == 4 ? 4 : 8, w->next))
		w->end = AA_ARGV_FAULT;
	else if (!pointer)
		w->end = AA_ARGV_WHOLE;
	else
		w->end = index < AA_ARGS_MAX ? take_argument(w->s, pointer) : AA_ARGV_CUT;
	w->next += w->s->argv.width;
	return w->end != 0;
}

/* The arguments as the caller's array of pointers has them. A null array is an empty list (count() in fs/exec.c). How
 * long they are in all is told only where all of them are here. */
static __always_inline void add_callers_argv(struct aa_scratch *s, struct aa_exec *e, __u64 array, bool compat)
{
	struct aa_argv_walk w = {.s = s, .next = array};
	__u32 first = s->size;

	s->argv.taken = 0;
	s->argv.width = compat ? 4 : 8;
	if (!array)
		w.end = AA_ARGV_WHOLE;
	else
		LOOP(AA_ARGS_MAX + 1, AA_ARGS_UNLOOPED, next_argument, &w);
	if (w.end == AA_ARGV_FAULT) {
		s->size = first;
		mark_unreadable(s, AA_EXEC_ARGV);
		return;
	}
	e->argv.offset = first;
	e->argv.length = s->argv.taken;
	if (w.end == AA_ARGV_WHOLE)
		e->argv_bytes = s->argv.taken;
	else
		mark_cut(s, AA_EXEC_ARGV);
}

/* A failed execve or execveat. The table leaves out the successful ones: sched_process_exec reports them. */
static __always_inline void on_exec_failed(struct task_struct *task, const struct aa_call *call,
					   const struct aa_args *args, long error)
{
	struct aa_scratch *s = record_start(AA_EXEC, sizeof(struct aa_exec), task, true);
	struct file *dir = NULL;
	struct aa_exec *e;
	bool absolute;
	__u32 start;

	if (!s)
		return;
	e = (struct aa_exec *)s->record;
	e->error = error;
	add_users(e, task);
	if (args->compat)
		e->header.flags |= AA_COMPAT;
	start = s->size;
	add_user_string(s, &e->filename, AA_EXEC_FILENAME, argument(args, call->path));
	absolute = s->size > start && s->record[start & (AA_RECORD_MAX - 1)] == '/';
	if (call->dir && (int)argument(args, call->dir) != AT_FDCWD && !absolute)
		dir = file_of(task, argument(args, call->dir));
	if (dir)
		add_file_path(s, &e->base, AA_EXEC_BASE, dir);
	add_callers_argv(s, e, argument(args, call->text), args->compat);
	add_cwd(s, &e->cwd, AA_EXEC_CWD);
	record_send(s);
}

#endif
