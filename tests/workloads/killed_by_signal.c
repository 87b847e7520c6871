/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Children that die by the signals given as numbers; each by its own hand, so that nobody is late.
 */
#include "truth.h"

#include <sys/resource.h>

static void die_by(int number)
{
	struct rlimit no_core = {0, 0};
	sigset_t all;

	setrlimit(RLIMIT_CORE, &no_core);
	sigfillset(&all);
	sigprocmask(SIG_UNBLOCK, &all, NULL);
	signal(number, SIG_DFL);
	kill(getpid(), number);
	_exit(97);
}

int main(int argc, char *argv[])
{
	for (int i = 1; i < argc; i++) {
		pid_t pid = fork_or_die();

		if (pid == 0)
			die_by(atoi(argv[i]));
		await_child(pid);
	}
	return 0;
}
