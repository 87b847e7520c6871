/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * exec_storm PROCESSES EXECS BYTES: so many processes at once, each executing itself so many times
 * with an argument of so many bytes. How many execs that makes is known beforehand.
 */
#include "truth.h"

static void exec_next(int left, const char *padding)
{
	char number[16];
	char *argv[] = {"exec_storm", "--left", number, (char *)padding, NULL};

	snprintf(number, sizeof(number), "%d", left);
	execve("/proc/self/exe", argv, environ);
	die("execve");
}

static int start_storm(int processes, int execs, size_t bytes)
{
	char *padding = malloc(bytes + 1);
	int failed = 0;
	int status;

	if (!padding)
		die("malloc");
	memset(padding, 'p', bytes);
	padding[bytes] = '\0';
	for (int i = 0; i < processes; i++) {
		if (fork_or_die() == 0)
			exec_next(execs - 1, padding);
	}
	while (wait(&status) > 0)
		failed += status != 0;
	struct truth line = truth_begin("storm");
	truth_number(&line, "execs", (long long)processes * execs);
	truth_number(&line, "processes", processes);
	truth_number(&line, "failed", failed);
	truth_end(&line);
	return 0;
}

int main(int argc, char *argv[])
{
	if (argc == 4 && !strcmp(argv[1], "--left")) {
		int left = atoi(argv[2]);

		if (left > 0)
			exec_next(left - 1, argv[3]);
		return 0;
	}
	if (argc != 4)
		return 2;
	return start_storm(atoi(argv[1]), atoi(argv[2]), (size_t)atol(argv[3]));
}
