/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * io_many COUNT: COUNT descriptors in all, of as many processes as that takes, and one file. Writes once through each:
 * 1 byte more than the number's last digit. Keeps them until the go, and then ends.
 */
#include "truth.h"

#include <sys/resource.h>

enum { FIRST = 100 };

static void write_through(int fd, int count)
{
	for (int number = FIRST; number < FIRST + count; number++) {
		ssize_t bytes = number % 10 + 1;

		if (dup2(fd, number) != number || write(number, "0123456789", (size_t)bytes) != bytes)
			die("write");
	}
}

/* They share the pipe's end that is open as long as the first process waits for its go. */
static void start(int fd, int count, int done, int *over)
{
	char byte;

	if (fork_or_die())
		return;
	close(over[1]);
	write_through(fd, count);
	if (write(done, "d", 1) != 1 || read(over[0], &byte, 1))
		die("wait");
	_exit(0);
}

int main(int argc, char *argv[])
{
	int count = argc == 2 ? atoi(argv[1]) : 0, fd = open("many", O_WRONLY | O_CREAT | O_APPEND, 0600);
	int done[2], over[2], processes = 0;
	struct rlimit limit;
	char byte;

	if (fd < 0 || pipe(done) || pipe(over) || getrlimit(RLIMIT_NOFILE, &limit))
		die("set up");
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit))
		die("setrlimit");
	await_go();
	for (int left = count, most = (int)limit.rlim_max - FIRST; left > 0; left -= most, processes++)
		start(fd, left < most ? left : most, done[1], over);
	for (int i = 0; i < processes; i++) {
		if (read(done[0], &byte, 1) != 1)
			die("read done");
	}
	struct truth line = truth_begin("written");
	truth_number(&line, "count", count);
	truth_number(&line, "processes", processes);
	truth_end(&line);
	await_go();
	close(over[1]);
	while (wait(NULL) > 0)
		;
	return 0;
}
