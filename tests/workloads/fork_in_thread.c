/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A worker thread forks, and the child executes.
 */
#include "truth.h"

#include <pthread.h>

static void *fork_here(void *unused)
{
	char *argv[] = {"print_self", "forked by a thread", NULL};
	pid_t pid = fork_or_die();
	struct truth line = truth_begin("forked");

	(void)unused;
	if (pid == 0)
		call_exec("worker", sibling("print_self"), argv);
	truth_number(&line, "pid", getpid());
	truth_number(&line, "tid", thread_id());
	truth_number(&line, "child", pid);
	truth_end(&line);
	await_child(pid);
	return NULL;
}

int main(void)
{
	for (int round = 0; round < 10; round++) {
		pthread_t worker;

		if (pthread_create(&worker, NULL, fork_here, NULL) || pthread_join(worker, NULL))
			die("pthread");
	}
	return 0;
}
