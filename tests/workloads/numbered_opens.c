/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * numbered_opens PROCESSES COUNT: each process opens so many files that are not there, each of a name of its own,
 * /numbered/PROCESS-NUMBER.
 */
#include "truth.h"

static void open_numbered(int process, int count)
{
	char name[64];

	for (int i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "/numbered/%d-%d", process, i);
		if (open(name, O_RDONLY) >= 0)
			die(name);
	}
	_exit(0);
}

int main(int argc, char *argv[])
{
	int processes = argc > 2 ? atoi(argv[1]) : 0, count = argc > 2 ? atoi(argv[2]) : 0, status;

	for (int i = 0; i < processes; i++) {
		if (fork_or_die() == 0)
			open_numbered(i, count);
	}
	for (int i = 0; i < processes; i++) {
		if (wait(&status) < 0 || status)
			die("a process that opens");
	}
	return 0;
}
