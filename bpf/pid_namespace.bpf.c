// SPDX-License-Identifier: MIT OR GPL-2.0-only
//
// Where the caller's pid namespace is: user space cannot learn that by itself from inside of one. Run before the other
// programs are loaded, which have it in their settings.
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "pid_namespace.h"

struct aa_pid_namespace own;

char LICENSE[] SEC("license") = "Dual MIT/GPL";

SEC("syscall")
int find_pid_namespace(void *ctx)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct pid *pid = BPF_CORE_READ(task, thread_pid);
	__u32 level = BPF_CORE_READ(pid, level);
	/* its last number is the one in the namespace that it was made in */
	struct upid *last = (void *)pid + bpf_core_field_offset(struct pid, numbers) +
			    (__u64)level * bpf_core_type_size(struct upid);

	own.level = level;
	own.address = (__u64)BPF_CORE_READ(last, ns);
	own.group = BPF_CORE_READ(task, signal, pids[PIDTYPE_PGID], numbers[0].nr);
	return 0;
}
