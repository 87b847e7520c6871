/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A second thread says its id and waits; when let go, the main thread forks a child that executes.
 */
#include "truth.h"

#include <pthread.h>

static void *say_and_wait(void *unused)
{
	(void)unused;
	await_go();
	return NULL;
}

int main(void)
{
	char *argv[] = {"print_self", "asked by thread id", NULL};
	pthread_t thread;

	if (pthread_create(&thread, NULL, say_and_wait, NULL) || pthread_join(thread, NULL))
		die("thread");
	exec_in_child("by_thread_id", sibling("print_self"), argv);
	return 5;
}
