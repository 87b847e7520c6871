// SPDX-License-Identifier: MIT OR GPL-2.0-only
//
// Every program of aa-trace: the table of contents of the BPF side. User space loads only those that the selection
// needs.
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "events.h"
#include "dispatch.bpf.h"
#include "exec.bpf.h"
#include "process.bpf.h"
#include "trampoline.bpf.h"
#include "uring_refused.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

SEC("tp_btf/sched_process_fork")
int BPF_PROG(process_fork, struct task_struct *parent, struct task_struct *child)
{
	TIMED(AA_TIMED_FORK, on_process_fork(parent, child));
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(process_exec, struct task_struct *task, int old_tid, struct linux_binprm *bprm)
{
	TIMED(AA_TIMED_EXEC, on_process_exec(task, bprm));
	return 0;
}

SEC("tp_btf/sched_process_exit")
int process_exit(__u64 *ctx)
{
	/* the second argument is read only where it exists: the verifier drops the other branch */
	TIMED(AA_TIMED_EXIT, on_process_exit((struct task_struct *)ctx[0], cfg.exit_tells_last ? (bool)ctx[1] : false));
	return 0;
}

SEC("?tp_btf/sys_exit")
int BPF_PROG(syscall_exit, struct pt_regs *regs, long result)
{
	TIMED(AA_TIMED_SYSCALL_EXIT, on_syscall_exit(regs, result));
	return 0;
}

SEC("?tp_btf/sys_enter")
int BPF_PROG(syscall_enter, struct pt_regs *regs, long number)
{
	TIMED(AA_TIMED_SYSCALL_ENTER, on_syscall_enter(regs, number));
	return 0;
}

/* The same by functions instead of the two above. User space attaches copies of return_gate, weak_return_gate and
 * entry_gate to the functions of all native system calls, the compat_ programs to the one for all 32-bit calls. */
SEC("?fexit")
int return_gate(__u64 *ctx)
{
	__u32 shared = 0;

	if (may_be_watched())
		bpf_tail_call(ctx, &on_return, shared);
	return 0;
}

SEC("?fexit")
int return_body(__u64 *ctx)
{
	on_syscall_exit((struct pt_regs *)ctx[0], ctx[1]);
	return 0;
}

SEC("?fexit")
int weak_return_gate(__u64 *ctx)
{
	__u32 shared = 0;

	if (may_be_watched())
		bpf_tail_call(ctx, &on_weak_return, shared);
	return 0;
}

SEC("?fexit")
int weak_return_body(__u64 *ctx)
{
	on_syscall_exit((struct pt_regs *)ctx[0], ctx[1]);
	return 0;
}

SEC("?fentry")
int entry_gate(__u64 *ctx)
{
	__u32 shared = 0;

	if (may_be_watched())
		bpf_tail_call(ctx, &on_entry, shared);
	return 0;
}

SEC("?fentry")
int entry_body(__u64 *ctx)
{
	struct pt_regs *regs = (struct pt_regs *)ctx[0];

	on_syscall_enter(regs, call_number(regs));
	return 0;
}

SEC("?fexit")
int BPF_PROG(compat_return, struct pt_regs *regs, unsigned int number, long result)
{
	if (may_be_watched())
		on_syscall_exit(regs, result);
	return 0;
}

SEC("?fentry")
int BPF_PROG(compat_entry, struct pt_regs *regs, unsigned int number)
{
	if (may_be_watched())
		on_syscall_enter(regs, number);
	return 0;
}

/* Names as the kernel resolves them. The hooks of the security modules, or the functions that call them: their first
 * arguments are the same. One program for each of the kernel's hooks. */
#define NAME_HOOK(hook, first, second, mount, which)        \
	SEC("?fentry") int hook(__u64 *ctx)                 \
	{                                                   \
		keep_names(first, second, mount, which);    \
		return 0; /* of a security hook: allowed */ \
	}
#define ARGUMENT(n) hook_argument(ctx + (n))
#define PATH_MOUNT(n) mount_on((const struct path *)ctx[n])
#define PATH_DENTRY(n) ((__u64)BPF_CORE_READ((const struct path *)ctx[n], dentry))

NAME_HOOK(path_unlink, ARGUMENT(1), 0, PATH_MOUNT(0), AA_NAMES_NEW)
NAME_HOOK(path_rmdir, ARGUMENT(1), 0, PATH_MOUNT(0), AA_NAMES_NEW)
NAME_HOOK(path_mkdir, ARGUMENT(1), 0, PATH_MOUNT(0), AA_NAMES_NEW)
NAME_HOOK(path_mknod, ARGUMENT(1), 0, PATH_MOUNT(0), AA_NAMES_NEW)
NAME_HOOK(path_symlink, ARGUMENT(1), 0, PATH_MOUNT(0), AA_NAMES_NEW)
NAME_HOOK(path_link, ARGUMENT(0), ARGUMENT(2), PATH_MOUNT(1), 0)
NAME_HOOK(path_rename, ARGUMENT(1), ARGUMENT(3), PATH_MOUNT(0), AA_NAMES_NEW | AA_NAMES_RENAME)
NAME_HOOK(path_chmod, PATH_DENTRY(0), 0, PATH_MOUNT(0), 0)
NAME_HOOK(path_chown, PATH_DENTRY(0), 0, PATH_MOUNT(0), 0)
NAME_HOOK(path_truncate, PATH_DENTRY(0), 0, PATH_MOUNT(0), 0)
NAME_HOOK(path_utimes, PATH_DENTRY(0), 0, PATH_MOUNT(0), 0)
NAME_HOOK(inode_setxattr, ARGUMENT(1), 0, 0, AA_NAMES_ATTRIBUTE)
NAME_HOOK(inode_removexattr, ARGUMENT(1), 0, 0, AA_NAMES_ATTRIBUTE)
NAME_HOOK(inode_set_acl, ARGUMENT(1), 0, 0, AA_NAMES_ATTRIBUTE)
NAME_HOOK(inode_remove_acl, ARGUMENT(1), 0, 0, AA_NAMES_ATTRIBUTE)

SEC("?fentry")
int BPF_PROG(mount_to_write, struct vfsmount *mnt)
{
	on_mount_to_write(mnt);
	return 0;
}

/* The same, of opens. */
SEC("?fentry")
int BPF_PROG(file_open, struct file *file)
{
	on_file_open(file);
	return 0;
}

/* User space names the tracepoint: io_uring_submit_req, before 6.4 io_uring_submit_sqe. */
SEC("?tp_btf")
int uring_submit(__u64 *ctx)
{
	TIMED(AA_TIMED_URING_SUBMIT, on_uring_submit((struct io_kiocb *)ctx[0]));
	return 0;
}

SEC("?tp_btf/io_uring_complete")
int uring_complete(__u64 *ctx)
{
	struct io_uring_cqe *cqe = (struct io_uring_cqe *)ctx[2];

	TIMED(AA_TIMED_URING_COMPLETE,
	      on_uring_complete((struct io_kiocb *)ctx[1],
				cfg.completes_cqe ? LOAD(struct io_uring_cqe, cqe, res) : (int)ctx[3]));
	return 0;
}

SEC("?tp_btf/io_uring_fail_link")
int BPF_PROG(uring_fail_link, struct io_kiocb *req, struct io_kiocb *link)
{
	TIMED(AA_TIMED_URING_FAIL_LINK, on_uring_fail_link(link));
	return 0;
}

SEC("?tp_btf/io_uring_cqe_overflow")
int BPF_PROG(uring_overflow, void *ring, __u64 user_data)
{
	TIMED(AA_TIMED_URING_OVERFLOW, on_uring_overflow((__u64)ring, user_data));
	return 0;
}

SEC("?tp_btf/io_uring_req_failed")
int uring_refused(__u64 *ctx)
{
	TIMED(AA_TIMED_URING_REFUSED, on_uring_refused((const void *)ctx[0], (struct io_kiocb *)ctx[1], ctx[2]));
	return 0;
}

SEC("iter/task")
int seed_tasks(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;

	if (task)
		TIMED(AA_TIMED_SEED, on_task_seen(ctx->meta->seq, task));
	return 0;
}
