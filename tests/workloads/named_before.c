/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Has a name, a thread with another name and a forked child before the tracer comes; then the child executes.
 */
#include "truth.h"

#include <pthread.h>

static int release[2];

static void *idle(void *unused)
{
	prctl(PR_SET_NAME, "not this one");
	for (;;)
		pause();
	return unused;
}

static void run_child(void)
{
	char *argv[] = {"print_self", "of an old family", NULL};
	char byte;

	prctl(PR_SET_NAME, "old child");
	pid_t grandchild = fork_or_die();
	if (grandchild == 0) {
		close(release[1]);
		if (read(release[0], &byte, 1) != 0)
			die("read release");
		call_exec("old", sibling("print_self"), argv);
	}
	close(release[1]);
	await_child(grandchild);
	_exit(0);
}

int main(void)
{
	pthread_t thread;

	if (pipe(release))
		die("pipe");
	prctl(PR_SET_NAME, "old root");
	pid_t child = fork_or_die();
	if (child == 0)
		run_child();
	if (pthread_create(&thread, NULL, idle, NULL))
		die("pthread_create");
	await_go();
	close(release[1]);
	await_child(child);
	return 0;
}
