/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * io_churn [COUNT]: goes through 1000 files again and again until its input ends, or COUNT times in all: opens one,
 * writes to it, and closes that which has been open longest of 200.
 */
#include "truth.h"

#include <poll.h>

enum { AT_ONCE = 200, FILES = 1000 };

static int is_over(void)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};

	return poll(&input, 1, 0) != 0;
}

static int open_one(long number)
{
	char name[64];
	int fd;

	snprintf(name, sizeof(name), "churn.%ld", number % FILES);
	fd = open(name, O_WRONLY | O_CREAT, 0600);
	if (fd < 0)
		die(name);
	return fd;
}

int main(int argc, char *argv[])
{
	long most = argc == 2 ? atol(argv[1]) : LONG_MAX;
	int fds[AT_ONCE] = {0};

	for (int i = 0; i < FILES; i++)
		close(open_one(i));
	await_go();
	for (long number = 0; number < most && !is_over(); number++) {
		int *fd = &fds[number % AT_ONCE];

		if (*fd)
			close(*fd);
		*fd = open_one(number);
		if (write(*fd, "x", 1) != 1)
			die("write");
	}
	if (argc == 2) {
		struct truth line = truth_begin("churned");
		truth_number(&line, "count", most);
		truth_end(&line);
		await_go();
	}
	return 0;
}
