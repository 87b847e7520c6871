/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Death with a core dump, and the same death where the limit forbids the dump.
 */
#include "truth.h"

#include <sys/resource.h>

static volatile int *volatile nowhere = (volatile int *)8;

static void fault(rlim_t core_size)
{
	struct rlimit limit = {core_size, core_size};

	/* A process that changed its ids or cannot be read is not dumped: say that it may be. */
	prctl(PR_SET_DUMPABLE, 1);
	if (setrlimit(RLIMIT_CORE, &limit))
		die("setrlimit");
	signal(SIGSEGV, SIG_DFL);
	*nowhere = 1;
	_exit(97);
}

int main(void)
{
	static const rlim_t sizes[] = {64 << 20, 0};

	for (int i = 0; i < 2; i++) {
		pid_t pid = fork_or_die();

		if (pid == 0)
			fault(sizes[i]);
		await_child(pid);
	}
	return 0;
}
