/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Processes that say when the kernel says that they began: one that forks, execs, writes a file from a thread, and one
 * that is forked by it.
 */
#include "truth.h"

#include <pthread.h>

/* Field 22 of /proc/self/stat (proc_pid_stat(5)): since boot, in clock ticks. The name before it may hold anything. */
static long long start_ticks(void)
{
	char text[1024] = {0}, *at;
	int file = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);

	if (file < 0 || read(file, text, sizeof(text) - 1) <= 0)
		die("/proc/self/stat");
	close(file);
	at = strrchr(text, ')');
	for (int field = 2; field < 22; field++)
		at = strchr(at + 1, ' ');
	return atoll(at);
}

static void tell(const char *what)
{
	struct truth line = truth_begin(what);

	truth_number(&line, "pid", getpid());
	truth_number(&line, "ticks", start_ticks());
	truth_number(&line, "per_second", sysconf(_SC_CLK_TCK));
	truth_end(&line);
}

static void *write_some(void *name)
{
	int file = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (file < 0 || write(file, "x", 1) != 1)
		die("write");
	/* it stays open: its totals are told at the end */
	return NULL;
}

int main(int argc, char *argv[])
{
	pthread_t thread;
	pid_t child;

	if (argc > 1) {
		tell("identity");
		if (pthread_create(&thread, NULL, write_some, argv[1]) || pthread_join(thread, NULL))
			die("thread");
		return 0;
	}
	child = fork_or_die();
	if (child == 0) {
		char *again[] = {argv[0], "written", NULL};

		if (fork_or_die() == 0) {
			write_some("by_grandchild");
			tell("identity");
			_exit(0);
		}
		wait(NULL);
		execv("/proc/self/exe", again);
		die("exec");
	}
	await_child(child);
	write_some("by_first");
	tell("identity");
	return 0;
}
