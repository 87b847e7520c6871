// SPDX-License-Identifier: MIT OR GPL-2.0-only
//
// Every program of aa-trace: the table of contents of the BPF side. User space loads only those that the selection
// needs.
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "events.h"
#include "calls.bpf.h"
#include "exec.bpf.h"
#include "process.bpf.h"
#include "uring_refused.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

SEC("tp_btf/sched_process_fork")
int BPF_PROG(process_fork, struct task_struct *parent, struct task_struct *child)
{
	on_process_fork(parent, child);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(process_exec, struct task_struct *task, int old_tid, struct linux_binprm *bprm)
{
	on_process_exec(task, bprm);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int process_exit(__u64 *ctx)
{
	/* the second argument is read only where it exists: the verifier drops the other branch */
	on_process_exit((struct task_struct *)ctx[0], cfg.exit_tells_last ? (bool)ctx[1] : false);
	return 0;
}

SEC("?tp_btf/sys_exit")
int BPF_PROG(syscall_exit, struct pt_regs *regs, long result)
{
	on_syscall_exit(regs, result);
	return 0;
}

SEC("?tp_btf/sys_enter")
int BPF_PROG(syscall_enter, struct pt_regs *regs, long number)
{
	on_syscall_enter(regs, number);
	return 0;
}

/* User space names the tracepoint: io_uring_submit_req, before 6.4 io_uring_submit_sqe. */
SEC("?tp_btf")
int uring_submit(__u64 *ctx)
{
	on_uring_submit((struct io_kiocb *)ctx[0]);
	return 0;
}

SEC("?tp_btf/io_uring_complete")
int uring_complete(__u64 *ctx)
{
	struct io_uring_cqe *cqe = (struct io_uring_cqe *)ctx[2];

	on_uring_complete((struct io_kiocb *)ctx[1],
			  cfg.completes_cqe ? LOAD(struct io_uring_cqe, cqe, res) : (int)ctx[3]);
	return 0;
}

SEC("?tp_btf/io_uring_fail_link")
int BPF_PROG(uring_fail_link, struct io_kiocb *req, struct io_kiocb *link)
{
	on_uring_fail_link(link);
	return 0;
}

SEC("?tp_btf/io_uring_cqe_overflow")
int BPF_PROG(uring_overflow, void *ring, __u64 user_data)
{
	on_uring_overflow((__u64)ring, user_data);
	return 0;
}

SEC("?tp_btf/io_uring_req_failed")
int uring_refused(__u64 *ctx)
{
	on_uring_refused((const void *)ctx[0], (struct io_kiocb *)ctx[1], ctx[2]);
	return 0;
}

SEC("iter/task")
int seed_tasks(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;

	if (task)
		on_task_seen(ctx->meta->seq, task, bpf_get_current_pid_tgid() >> 32);
	return 0;
}
