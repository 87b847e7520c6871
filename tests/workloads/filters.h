/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Filters of seccomp for one call, and what their signal does.
 */
#ifndef FILTERS_H
#define FILTERS_H

#include "truth.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <ucontext.h>

/* All other calls are allowed. Returns the supervisor's descriptor where one was asked for. */
__attribute__((unused)) static int filter_call(long number, unsigned int verdict, unsigned int flags)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, verdict),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof(code) / sizeof(*code), code};
	int fd;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		die("no_new_privs");
	fd = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
	if (fd < 0)
		die("seccomp");
	return fd;
}

/* What a trapped call returns to its caller. */
__attribute__((unused)) static void set_result(ucontext_t *context, long result)
{
#if defined(__x86_64__)
	context->uc_mcontext.gregs[REG_RAX] = result;
#elif defined(__aarch64__)
	context->uc_mcontext.regs[0] = (unsigned long)result;
#endif
}

__attribute__((unused)) static void refuse_access(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)info;
	set_result(context, -EACCES);
}

__attribute__((unused)) static void refuse_when_trapped(void)
{
	struct sigaction action = {.sa_sigaction = refuse_access, .sa_flags = SA_SIGINFO};

	if (sigaction(SIGSYS, &action, NULL))
		die("sigaction");
}

#endif
