/*
 * sqpoll_exit CHILDREN: so many children, one after the other, each with a kernel thread that polls an io_uring. The
 * kernel makes that thread without sched_process_fork, and it is often the last one of its process to end.
 */
#include "truth.h"

#include <linux/io_uring.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static void poll_and_exit(int code)
{
	struct io_uring_params params = {.flags = IORING_SETUP_SQPOLL, .sq_thread_idle = 1000};

	if (syscall(SYS_io_uring_setup, 4, &params) < 0)
		die("io_uring_setup");
	_exit(code);
}

int main(int argc, char *argv[])
{
	int children = argc == 2 ? atoi(argv[1]) : 0;
	int status;

	for (int i = 0; i < children; i++) {
		pid_t child = fork_or_die();

		if (child == 0)
			poll_and_exit(i % 100);
		if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
			die("waitpid");
		struct truth line = truth_begin("gone");
		truth_number(&line, "pid", child);
		truth_number(&line, "code", WEXITSTATUS(status));
		truth_end(&line);
	}
	return 0;
}
