/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Every way to make a process, and threads, which are none.
 */
#include "truth.h"

#include <linux/sched.h>
#include <pthread.h>

static void say_forked(const char *name, pid_t pid)
{
	struct truth line = truth_begin("forked");

	truth_string(&line, "case", name);
	truth_number(&line, "pid", getpid());
	truth_number(&line, "tid", thread_id());
	truth_number(&line, "child", pid);
	truth_end(&line);
	await_child(pid);
}

static void make_by_fork(const char *name)
{
	pid_t pid = fork_or_die();

	if (pid == 0)
		_exit(0);
	say_forked(name, pid);
}

static void make_by_vfork(void)
{
	pid_t pid = vfork();

	if (pid == 0)
		_exit(0);
	say_forked("vfork", pid);
}

static void make_by_clone3(void)
{
	struct clone_args arguments = {.exit_signal = SIGCHLD};
	pid_t pid = (pid_t)syscall(SYS_clone3, &arguments, sizeof(arguments));

	if (pid == 0)
		_exit(0);
	say_forked("clone3", pid);
}

/* No exit signal: a child that only __WALL or __WCLONE waits for. */
static void make_silent(void)
{
	pid_t pid = (pid_t)syscall(SYS_clone, 0, 0, 0, 0, 0);

	if (pid == 0)
		_exit(0);
	say_forked("silent", pid);
}

static void *run_thread(void *unused)
{
	struct truth line = truth_begin("thread");

	truth_number(&line, "tid", thread_id());
	truth_end(&line);
	make_by_fork("by_thread");
	return unused;
}

int main(void)
{
	pthread_t thread;

	make_by_fork("fork");
	make_by_vfork();
	make_by_clone3();
	make_silent();
	if (pthread_create(&thread, NULL, run_thread, NULL) || pthread_join(thread, NULL))
		die("thread");
	return 0;
}
