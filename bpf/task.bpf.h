/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * What a task is called. The kernel's `pid` is the thread and its `tgid` the process; everywhere else in aa-trace pid
 * is the process and tid the thread.
 *
 * The functions take any pointer to a task. For one that the verifier trusts, each step to another struct would cost it
 * a search by name through all of the kernel's types (btf_nested_type_is_trusted()), and a start a second and more.
 */
#ifndef AA_TASK_BPF_H
#define AA_TASK_BPF_H

#include "load.bpf.h"

/* include/linux/sched.h */
#define PF_IO_WORKER 0x00000010
#define PF_USER_WORKER 0x00004000 /* 6.4 and later */
#define PF_KTHREAD 0x00200000

static __always_inline struct task_struct *parent_of(const struct task_struct *task)
{
	return LOAD(const struct task_struct, task, real_parent);
}

/* The number of a struct pid in aa-trace's own pid namespace; 0: what is called so is not in there, or is gone. It has
 * one for each namespace, from the initial one (level 0) down to the one it was made in. Without branches: what is read
 * beyond the last of them, or through a null pointer, does not count.
 * A global function: the verifier looks at it once. */
__noinline __u32 own_number(__u64 address)
{
	const struct pid *pid = (const struct pid *)address;
	const struct upid *own = (void *)pid + bpf_core_field_offset(struct pid, numbers) +
				 cfg.pid_level * bpf_core_type_size(struct upid);
	__u64 other = (__u64)BPF_CORE_READ(own, ns) ^ cfg.pid_namespace;
	__u64 deeper = (__u64)BPF_CORE_READ(pid, level) - cfg.pid_level;
	__u64 no = (other | -other | deeper) >> 63;

	return BPF_CORE_READ(own, nr) & (no - 1);
}

static __always_inline __u32 own_process_id(const struct task_struct *task)
{
	return own_number((__u64)BPF_CORE_READ(task, signal, pids[PIDTYPE_TGID]));
}

/* Pids are those of aa-trace's own pid namespace. 0: the process is not in it, or released. */
static __always_inline __u32 process_id(const struct task_struct *task)
{
	return cfg.pid_level ? own_process_id(task) : LOAD(const struct task_struct, task, tgid);
}

static __always_inline __u32 thread_id(const struct task_struct *task)
{
	return cfg.pid_level ? own_number((__u64)BPF_CORE_READ(task, thread_pid))
			     : LOAD(const struct task_struct, task, pid);
}

/* A parent that ends meanwhile loses its number after its children (forget_original_parent() in kernel/exit.c): those
 * have another parent by then. */
static __always_inline __u32 parent_id(const struct task_struct *task)
{
	__u32 id = process_id(parent_of(task));

	return id || !cfg.pid_level ? id : process_id(parent_of(task));
}

/* Outside there are no processes for us. */
static __always_inline bool is_in_namespace(const struct task_struct *task)
{
	return !cfg.pid_level || own_process_id(task);
}

static __always_inline bool is_same_process(const struct task_struct *task, const struct task_struct *other)
{
	return LOAD(const struct task_struct, task, tgid) == LOAD(const struct task_struct, other, tgid);
}

static __always_inline struct task_struct *leader_of(const struct task_struct *task)
{
	return LOAD(const struct task_struct, task, group_leader);
}

/* Threads that the kernel makes in a process (io_uring's, vhost's) pass no sched_process_fork and have no mark. One of
 * them can be the last thread: then the leader speaks for the process. */
static __always_inline bool has_mark(const struct task_struct *task)
{
	return !(LOAD(const struct task_struct, task, flags) & (PF_IO_WORKER | PF_USER_WORKER));
}

static __always_inline struct task_struct *speaker_of(const struct task_struct *task)
{
	return (struct task_struct *)(has_mark(task) ? task : leader_of(task));
}

/* The same, as a pointer that task storage takes: the search for its type is worth it once in a program. */
static __always_inline struct task_struct *marked_speaker_of(struct task_struct *task)
{
	return has_mark(task) ? task : task->group_leader;
}

/* When the process was created, CLOCK_BOOTTIME, ns. A thread that execs takes it over from its leader (de_thread() in
 * fs/exec.c), so together with the pid it is the identity of a process. */
static __always_inline __u64 process_start(const struct task_struct *task)
{
	return LOAD(struct task_struct, leader_of(task), start_boottime);
}

/* Has the process threads that have not begun to exit? */
static __always_inline bool has_threads(const struct task_struct *task)
{
	const struct signal_struct *signal = LOAD(const struct task_struct, task, signal);

	return signal && LOAD(const struct signal_struct, signal, live.counter);
}

/* Numeric process group, in the initial pid namespace: the leader of aa-trace's own may be outside of its namespace. */
static __always_inline __u32 process_group(const struct task_struct *task)
{
	return BPF_CORE_READ(task, signal, pids[PIDTYPE_PGID], numbers[0].nr);
}

/* Device number of the controlling terminal as tty_devnum() in drivers/tty/tty_io.c counts it; 0: none. */
static __always_inline __u32 controlling_tty(const struct task_struct *task)
{
	struct tty_struct *tty = BPF_CORE_READ(task, signal, tty);

	if (!tty)
		return 0;
	return (BPF_CORE_READ(tty, driver, major) << 20 | BPF_CORE_READ(tty, driver, minor_start)) +
	       BPF_CORE_READ(tty, index);
}

#endif
