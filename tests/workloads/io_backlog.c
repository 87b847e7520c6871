/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * io_backlog PROCESSES ROUNDS: each of them writes to its file and changes the file's mode, ROUNDS times, says "done",
 * and stays until the input ends.
 */
#include "truth.h"

static void run(int index, int rounds)
{
	char name[32], byte;
	int fd;

	snprintf(name, sizeof(name), "backlog.%d", index);
	fd = open(name, O_WRONLY | O_CREAT, 0600);
	for (int i = 0; i < rounds; i++) {
		if (write(fd, "123", 3) != 3 || fchmod(fd, 0600))
			die(name);
	}
	struct truth line = truth_begin("done");
	truth_number(&line, "pid", getpid());
	truth_end(&line);
	while (read(STDIN_FILENO, &byte, 1) < 0)
		;
	_exit(0);
}

int main(int argc, char *argv[])
{
	if (argc != 3)
		return 2;
	await_go();
	for (int i = 0; i < atoi(argv[1]); i++) {
		if (fork_or_die() == 0)
			run(i, atoi(argv[2]));
	}
	while (wait(NULL) > 0)
		;
	return 0;
}
