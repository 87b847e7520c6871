/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * CLONE_PARENT: the new process is a sibling of its creator, not its child. "direct": the creator is
 * the root itself, so that the new process becomes a child of whoever started the root.
 */
#include "truth.h"

static void make_sibling(void)
{
	char *argv[] = {"print_self", "sibling", NULL};
	pid_t parent = getppid();
	pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD | CLONE_PARENT, 0, 0, 0, 0);

	if (pid < 0)
		die("clone");
	if (pid == 0)
		call_exec("sibling", sibling("print_self"), argv);
	struct truth line = truth_begin("forked");
	truth_number(&line, "pid", getpid());
	truth_number(&line, "child", pid);
	truth_number(&line, "child_ppid", parent);
	truth_end(&line);
}

int main(int argc, char *argv[])
{
	int ends[2];
	char byte;
	int status;

	(void)argv;
	if (pipe(ends))
		die("pipe");
	if (argc > 1) {
		make_sibling();
	} else {
		pid_t creator = fork_or_die();
		if (creator == 0) {
			make_sibling();
			_exit(4);
		}
		for (int child = 0; child < 2; child++) {
			pid_t pid = wait(&status);
			if (pid < 0)
				die("wait");
			truth_gone(pid, status);
		}
	}
	close(ends[1]);
	if (read(ends[0], &byte, 1) != 0)
		die("read end of sibling");
	return 0;
}
