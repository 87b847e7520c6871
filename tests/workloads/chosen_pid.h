/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * fork() with the process id chosen by the caller.
 */
#ifndef CHOSEN_PID_H
#define CHOSEN_PID_H

#include "truth.h"

#include <linux/sched.h>
#include <stdint.h>

__attribute__((unused)) static pid_t fork_as(pid_t wanted)
{
	pid_t set_tid[1] = {wanted};
	struct clone_args arguments = {
		.exit_signal = SIGCHLD,
		.set_tid = (uint64_t)(uintptr_t)set_tid,
		.set_tid_size = 1,
	};
	pid_t pid = (pid_t)syscall(SYS_clone3, &arguments, sizeof(arguments));

	/* EEXIST: a process that has ended keeps its number until the kernel frees it, a moment after the wait. */
	for (int tries = 0; pid < 0 && errno == EEXIST && tries < 10000; tries++) {
		sched_yield();
		pid = (pid_t)syscall(SYS_clone3, &arguments, sizeof(arguments));
	}
	if (pid < 0)
		die("clone3 with set_tid");
	return pid;
}

#endif
