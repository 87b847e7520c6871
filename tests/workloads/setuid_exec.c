/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * An ordinary user executes set-id programs: argv[1..].
 */
#include "truth.h"

#include <grp.h>

static void exec_unprivileged(const char *program)
{
	char *argv[] = {"print_self", "set-id", NULL};

	if (setgroups(0, NULL) || setresgid(1234, 1234, 1234) || setresuid(4321, 4321, 4321))
		die("set ids");
	call_exec("set-id", program, argv);
}

int main(int argc, char *argv[])
{
	for (int i = 1; i < argc; i++) {
		pid_t pid = fork_or_die();

		if (pid == 0)
			exec_unprivileged(argv[i]);
		await_child(pid);
	}
	return 0;
}
