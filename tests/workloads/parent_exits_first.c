/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * root -> middle (by exec) -> orphan: the orphan executes when middle is gone and reaped, so that
 * neither /proc nor the kernel knows its ancestors any more.
 */
#include "truth.h"

static void await_new_parent(pid_t old_parent)
{
	while (getppid() == old_parent)
		sched_yield();
}

static int run_middle(void)
{
	pid_t own = getpid();
	char *argv[] = {"print_self", "orphan", NULL};
	pid_t orphan = fork_or_die();

	if (orphan == 0) {
		await_new_parent(own);
		call_exec("orphan", sibling("print_self"), argv);
	}
	return 6;
}

int main(int argc, char *argv[])
{
	(void)argv;
	int ends[2];
	char byte;
	char *middle[] = {"middle", "--middle", NULL};

	if (argc > 1)
		return run_middle();
	if (symlink(sibling("parent_exits_first"), "middle") || pipe(ends))
		die("set up");
	pid_t pid = fork_or_die();
	if (pid == 0)
		call_exec("middle", "./middle", middle);
	close(ends[1]);
	await_child(pid);
	/* The orphan holds the write end until it ends. */
	if (read(ends[0], &byte, 1) != 0)
		die("read end of orphan");
	return 0;
}
