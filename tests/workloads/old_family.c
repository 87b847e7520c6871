/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A family that is there when the tracer comes: two children, each with a child, each with a thread;
 * all execute when they are let go, the grandchildren from their thread.
 */
#include "truth.h"

#include <pthread.h>

static int release[2];

static void await_release(void)
{
	char byte;

	close(release[1]);
	if (read(release[0], &byte, 1) != 0)
		die("read release");
}

static void *exec_in_thread(void *unused)
{
	char *argv[] = {"print_self", "grandchild", NULL};

	(void)unused;
	await_release();
	call_exec("grandchild", sibling("print_self"), argv);
}

static void run_grandchild(int ready)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, exec_in_thread, NULL))
		die("pthread_create");
	if (write(ready, "r", 1) != 1)
		die("write ready");
	for (;;)
		pause();
}

static void run_child(int ready)
{
	char *argv[] = {"print_self", "child", NULL};
	pid_t grandchild = fork_or_die();

	if (grandchild == 0)
		run_grandchild(ready);
	await_release();
	await_child(grandchild);
	exec_in_child("grandchild", sibling("print_self"), argv);
	call_exec("child", sibling("print_self"), argv);
}

int main(void)
{
	int ready[2];
	char byte;
	pid_t children[2];

	if (pipe(release) || pipe(ready))
		die("pipe");
	for (int i = 0; i < 2; i++) {
		children[i] = fork_or_die();
		if (children[i] == 0)
			run_child(ready[1]);
		struct truth line = truth_begin("child");
		truth_number(&line, "pid", children[i]);
		truth_end(&line);
	}
	for (int i = 0; i < 2; i++) {
		if (read(ready[0], &byte, 1) != 1)
			die("read ready");
	}
	await_go();
	close(release[1]);
	for (int i = 0; i < 2; i++)
		await_child(children[i]);
	return 0;
}
