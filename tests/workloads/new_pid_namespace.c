/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * In a new pid namespace a process takes itself for number 1; only its parent knows its number here.
 */
#include "truth.h"

int main(void)
{
	char *argv[] = {"print_self", "in a new namespace", NULL};

	if (unshare(CLONE_NEWPID))
		die("unshare");
	pid_t pid = fork_or_die();
	if (pid == 0)
		call_exec("namespace", sibling("print_self"), argv);
	struct truth line = truth_begin("forked");
	truth_number(&line, "pid", getpid());
	truth_number(&line, "child", pid);
	truth_end(&line);
	await_child(pid);
	return 0;
}
