/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * vfork: the child executes in the parent's memory, while the parent stands still.
 */
#include "truth.h"

int main(void)
{
	char *path = sibling("print_self");
	char *argv[] = {"print_self", "after vfork", NULL};
	char *missing[] = {"missing", "after vfork", NULL};

	/* Said before: a child of vfork may not print, it would use the parent's memory. */
	truth_call("vfork", path, argv);
	pid_t pid = vfork();
	if (pid == 0) {
		execve("./missing", missing, environ);
		execve(path, argv, environ);
		_exit(98);
	}
	struct truth line = truth_begin("forked");
	truth_number(&line, "pid", getpid());
	truth_number(&line, "child", pid);
	truth_end(&line);
	await_child(pid);
	return 0;
}
