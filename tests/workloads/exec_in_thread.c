/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A thread that is not the leader executes: the kernel ends the leader and gives its id to the thread.
 */
#include "truth.h"

#include <pthread.h>

static void *exec_here(void *unused)
{
	char *argv[] = {"print_self", "from a thread", NULL};

	(void)unused;
	call_exec("thread", sibling("print_self"), argv);
}

static void *wait_here(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static void exec_in_second_thread(void)
{
	pthread_t idle, worker;

	if (pthread_create(&idle, NULL, wait_here, NULL) || pthread_create(&worker, NULL, exec_here, NULL))
		die("pthread_create");
	wait_here(NULL);
}

int main(void)
{
	for (int round = 0; round < 20; round++) {
		pid_t pid = fork_or_die();

		if (pid == 0)
			exec_in_second_thread();
		await_child(pid);
	}
	return 0;
}
