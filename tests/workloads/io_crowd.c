/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * io_crowd PROCESSES FILES: so many processes, one of them in ten after an exec, each of which opens, writes to and
 * closes a file FILES times. Says after a tenth, after half and after all of them what was done so far, and waits for
 * the go.
 */
#include "truth.h"

enum { AT_ONCE = 4, EXECUTES = 10 };

static void work(long files)
{
	for (long i = 0; i < files; i++) {
		char name[32];

		snprintf(name, sizeof(name), "crowd.%ld", i % 10);
		int fd = open(name, O_WRONLY | O_CREAT, 0600);
		if (fd < 0 || write(fd, "x", 1) != 1)
			die(name);
		close(fd);
	}
	_exit(0);
}

static void start(long number, char *files)
{
	char *argv[] = {"io_crowd", files, NULL};

	if (fork_or_die())
		return;
	if (number % EXECUTES)
		work(atol(files));
	execv(sibling("io_crowd"), argv);
	die("exec");
}

static void pause_at(long started, long files)
{
	struct truth line = truth_begin("point");

	while (wait(NULL) > 0)
		;
	truth_number(&line, "processes", started);
	truth_number(&line, "files", started * files);
	truth_number(&line, "execs", (started + EXECUTES - 1) / EXECUTES);
	truth_end(&line);
	await_go();
}

int main(int argc, char *argv[])
{
	if (argc == 2)
		work(atol(argv[1]));
	if (argc != 3)
		return 2;
	long processes = atol(argv[1]);
	await_go();
	for (long i = 0; i < processes; i++) {
		if (i >= AT_ONCE)
			wait(NULL);
		start(i, argv[2]);
		if (i + 1 == processes / 10 || i + 1 == processes / 2 || i + 1 == processes)
			pause_at(i + 1, atol(argv[2]));
	}
	return 0;
}
