/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * Did a system call run? Before the kernel runs one, a filter of seccomp may refuse it, and a supervisor or a tracer
 * may answer it in the kernel's place: it returns all the same, with whatever they left as its result.
 */
#ifndef AA_RAN_BPF_H
#define AA_RAN_BPF_H

#include "path.bpf.h"
#include "syscall.bpf.h"
#include "watch.bpf.h"

#define BPF_RET_K 0x06 /* include/uapi/linux/filter.h */
#define BPF_RET_A 0x16
#define SECCOMP_RET_ERRNO 0x00050000U /* include/uapi/linux/seccomp.h; with an errno of 0 */
#define SECCOMP_MODE_DEAD \
	3 /* kernel/seccomp.c (5.17 and later): a filter has ended the task, which is on its way out */
#define SIGSYS 31
#define PT_PTRACED 1 /* include/linux/ptrace.h */
#define AA_FILTERS_MAX 64 /* of a task; one with more of them may have a supervisor */
#define AA_FILTER_CODE_MAX 8192 /* instructions of its filters; one with more of them may be answered by a filter */
#define AA_FILTERS_UNLOOPED 8 /* without bpf_loop (before 5.17) */

/* A kernel can be built without seccomp. */
static __always_inline int seccomp_mode(struct task_struct *task)
{
	return bpf_core_field_exists(task->seccomp) ? LOAD(struct task_struct, task, seccomp.mode) : 0;
}

/* Everybody else pays for these two loads. */
static __always_inline bool may_be_answered(struct task_struct *task)
{
	return seccomp_mode(task) || LOAD(struct task_struct, task, ptrace);
}

enum aa_ran {
	AA_RAN = 0,
	AA_RAN_PERHAPS = 1,
	AA_RAN_NOT = 2,
};

/* A call that a filter kills or traps has its registers rolled back (__seccomp_filter(), kernel/seccomp.c), and the
 * task has SIGSYS, not blocked. A signal proves nothing: with the help of a tracer, which unblocks it at the entry of a
 * call, a task can have one that it has sent to itself. A global function: the verifier looks at it once. */
__noinline int refused_by_filter(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 waiting =
		LOAD(struct task_struct, task, pending.signal.sig[0]) & ~LOAD(struct task_struct, task, blocked.sig[0]);

	if (seccomp_mode(task) == SECCOMP_MODE_DEAD)
		return AA_RAN_NOT;
	return waiting >> (SIGSYS - 1) & 1 ? AA_RAN_PERHAPS : AA_RAN;
}

/* A walk over the instructions of a filter. */
struct aa_filter_walk {
	struct sock_filter *code;
	bool found;
};

/* Does it end with a success that the filter makes up (SECCOMP_RET_ERRNO with 0), or with what it has computed? */
static long look_at_end(__u32 index, struct aa_filter_walk *w)
{
	struct sock_filter *at = w->code + index;
	__u16 code = LOAD(struct sock_filter, at, code);

	w->found = code == BPF_RET_A || (code == BPF_RET_K && LOAD(struct sock_filter, at, k) == SECCOMP_RET_ERRNO);
	return w->found;
}

/* A walk over the filters of a task, the newest first. */
struct aa_filters_walk {
	__u64 at;
	__u64 known; /* this one and those below it were looked at before */
	__u64 instructions; /* of those that were looked at */
	bool answered;
};

/* The filter as it was given, which a kernel with CONFIG_CHECKPOINT_RESTORE keeps. */
static __noinline bool makes_up_results(struct seccomp_filter *filter, struct aa_filters_walk *all)
{
	struct bpf_prog *prog = LOAD(struct seccomp_filter, filter, prog);
	struct sock_fprog_kern *given = LOAD(struct bpf_prog, prog, orig_prog);
	struct aa_filter_walk w = {};

	if (!given || !bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_loop))
		return false;
	w.code = LOAD(struct sock_fprog_kern, given, filter);
	all->instructions += LOAD(struct sock_fprog_kern, given, len);
	if (all->instructions > AA_FILTER_CODE_MAX)
		return true;
	bpf_loop(LOAD(struct sock_fprog_kern, given, len), look_at_end, &w, 0);
	return w.found;
}

static long look_at_filter(__u32 index, struct aa_filters_walk *w)
{
	struct seccomp_filter *filter = (struct seccomp_filter *)w->at;

	if (!filter || w->at == w->known || w->answered)
		return 1;
	w->answered = LOAD(struct seccomp_filter, filter, notif) || makes_up_results(filter, w);
	w->at = (__u64)LOAD(struct seccomp_filter, filter, prev);
	return 0;
}

/* Can a filter of the task, or a supervisor that has a descriptor of one (SECCOMP_RET_USER_NOTIF), answer for the
 * kernel? A task only gets more filters, each above those that it has: those that were looked at are not again, nor by
 * its children. A global function: the verifier looks at it once. */
__noinline int is_answered_by_filter(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct aa_filters_walk w = {};
	struct aa_task *mark;
	__u64 newest;

	if (!bpf_core_field_exists(task->seccomp))
		return false;
	/* with --all it has no mark yet */
	mark = bpf_task_storage_get(&tasks, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (mark) {
		w.known = mark->filter;
		w.answered = mark->flags & AA_TASK_ANSWERED;
	}
	newest = w.at = (__u64)LOAD(struct task_struct, task, seccomp.filter);
	LOOP(AA_FILTERS_MAX, AA_FILTERS_UNLOOPED, look_at_filter, &w);
	if (w.at && w.at != w.known)
		w.answered = true; /* found, or too many */
	if (mark && w.answered)
		__sync_fetch_and_or(&mark->flags, AA_TASK_ANSWERED);
	if (mark)
		mark->filter = newest;
	return w.answered;
}

/* Of a task that may_be_answered(). What no call of the kind returns is somebody else's result. */
static __always_inline enum aa_ran call_ran(struct task_struct *task, enum aa_kind kind, long result,
					    bool is_rolled_back)
{
	enum aa_ran ran = AA_RAN;

	if (result > 0 && aa_kind_has(kind, AA_KIND_ZERO))
		return AA_RAN_NOT;
	if (seccomp_mode(task) && is_rolled_back)
		ran = refused_by_filter();
	if (ran == AA_RAN_PERHAPS && result < 0)
		return AA_RAN_NOT; /* on arm64 an argument can look like an error; it is none of a success */
	if (ran == AA_RAN && (LOAD(struct task_struct, task, ptrace) & PT_PTRACED || is_answered_by_filter()))
		return AA_RAN_PERHAPS;
	return ran;
}

#endif
