/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * busy_opens PROCESSES COUNT: each process opens the file `busy` so many times, all at once. On one processor they take
 * turns wherever the kernel lets them be preempted.
 */
#include "truth.h"

static void open_often(int count)
{
	for (int i = 0; i < count; i++) {
		int fd = open("busy", O_RDONLY | O_CREAT, 0600);

		if (fd < 0)
			die("busy");
		close(fd);
	}
	_exit(0);
}

int main(int argc, char *argv[])
{
	int processes = argc > 2 ? atoi(argv[1]) : 0, count = argc > 2 ? atoi(argv[2]) : 0, status;
	struct truth line;

	for (int i = 0; i < processes; i++) {
		if (fork_or_die() == 0)
			open_often(count);
	}
	for (int i = 0; i < processes; i++) {
		if (wait(&status) < 0 || status)
			die("a process that opens");
	}
	line = truth_begin("busy");
	truth_number(&line, "opens", (long long)processes * count);
	truth_end(&line);
	return 0;
}
