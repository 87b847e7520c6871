/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 *   io_left WAY COUNT TIMES
 *
 * TIMES processes, one after the other, each of which opens the file `left` COUNT times and writes a byte through each
 * descriptor. How they come to an end is the WAY: exit; thread, in a table that is a thread's own; traced, at the end
 * of a process that its parent traces; ranges, by two calls of close_range, after which the process closes one more
 * file again and again, and makes the directory `closed`.
 */
#include "truth.h"

#include <pthread.h>
#include <sys/ptrace.h>
#include <sys/resource.h>

enum { FIRST = 100, CLOSES = 100 };

static int count;

static void *use(void *unused)
{
	int file = open("left", O_RDWR | O_CREAT, 0600);

	(void)unused;
	if (file < 0)
		die("left");
	for (int i = 0; i < count; i++)
		if (dup2(file, FIRST + i) < 0 || write(FIRST + i, "1", 1) != 1)
			die("use");
	return NULL;
}

static void *use_own_table(void *unused)
{
	if (unshare(CLONE_FILES))
		die("unshare");
	return use(unused);
}

static void use_in_thread(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, use_own_table, NULL) || pthread_join(thread, NULL))
		die("thread");
}

static void close_in_ranges(void)
{
	use(NULL);
	if (syscall(SYS_close_range, FIRST, FIRST + count / 2 - 1, 0) ||
	    syscall(SYS_close_range, FIRST + count / 2, FIRST + count - 1, 0))
		die("close_range");
	for (int i = 0; i < CLOSES; i++)
		close(dup(STDIN_FILENO));
	if (mkdir("closed", 0700))
		die("mkdir");
}

static void child(const char *way)
{
	if (strcmp(way, "traced") == 0 && ptrace(PTRACE_TRACEME, 0, 0, 0))
		die("ptrace");
	if (strcmp(way, "thread") == 0)
		use_in_thread();
	else if (strcmp(way, "ranges") == 0)
		close_in_ranges();
	else
		use(NULL);
	_exit(0);
}

int main(int argc, char *argv[])
{
	struct rlimit limit;
	struct truth line;
	int status;

	if (argc != 4)
		die("usage");
	count = atoi(argv[2]);
	if (getrlimit(RLIMIT_NOFILE, &limit))
		die("limit");
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit))
		die("limit");
	for (int i = 0; i < atoi(argv[3]); i++) {
		pid_t pid = fork();

		if (!pid)
			child(argv[1]);
		while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status))
			ptrace(PTRACE_CONT, pid, 0, 0);
		if (!WIFEXITED(status) || WEXITSTATUS(status))
			die("child");
	}
	line = truth_begin("left");
	truth_number(&line, "descriptors", (long long)count * atoi(argv[3]));
	truth_end(&line);
	return 0;
}
