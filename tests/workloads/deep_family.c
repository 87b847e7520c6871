/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * deep_family [DEPTH]: a chain of 200 processes, or so many, that is there when the tracer comes, each with a lower pid
 * than its parent: who walks the processes by pid meets every child before its parent. The last one executes when it is
 * let go.
 */
#include "truth.h"

#include <linux/sched.h>
#include <stdint.h>

static int depth_of_all = 200;

static int release[2];
static int ready[2];

static pid_t try_fork_as(pid_t wanted)
{
	pid_t set_tid[1] = {wanted};
	struct clone_args arguments = {
		.exit_signal = SIGCHLD,
		.set_tid = (uint64_t)(uintptr_t)set_tid,
		.set_tid_size = 1,
	};

	return (pid_t)syscall(SYS_clone3, &arguments, sizeof(arguments));
}

static pid_t fork_below(pid_t above)
{
	for (pid_t wanted = above - 1; wanted > 300; wanted--) {
		pid_t pid = try_fork_as(wanted);

		if (pid >= 0)
			return pid;
		if (errno != EEXIST)
			break;
	}
	die("clone3 with set_tid");
}

static void run_last(void)
{
	char *argv[] = {"print_self", "last of many", NULL};
	char byte;

	close(release[1]);
	if (write(ready[1], "r", 1) != 1 || read(release[0], &byte, 1) != 0)
		die("release");
	call_exec("last", sibling("print_self"), argv);
}

static void let_go(void)
{
	char byte;

	if (read(ready[0], &byte, 1) != 1)
		die("read ready");
	await_go();
	close(release[1]);
}

/* Returns only in the last one. */
static void grow(void)
{
	for (int depth = 1; depth <= depth_of_all; depth++) {
		pid_t child = fork_below(getpid());

		if (child == 0)
			continue;
		if (depth == 1)
			let_go();
		else
			close(release[1]);
		if (waitpid(child, NULL, 0) != child)
			die("waitpid");
		_exit(0);
	}
}

static pid_t highest_free(void)
{
	char text[32] = {0};
	int file = open("/proc/sys/kernel/pid_max", O_RDONLY | O_CLOEXEC);

	if (file < 0 || read(file, text, sizeof(text) - 1) <= 0)
		die("pid_max");
	close(file);
	return atoi(text) - 200;
}

int main(int argc, char *argv[])
{
	if (argc > 1)
		depth_of_all = atoi(argv[1]);
	if (pipe(release) || pipe(ready))
		die("pipe");
	/* The root of the chain is a child of this one, high up in the numbers, and does all the talking. */
	pid_t root = fork_below(highest_free());
	if (root == 0) {
		grow();
		run_last();
	}
	close(release[1]);
	if (waitpid(root, NULL, 0) != root)
		die("waitpid");
	return 0;
}
