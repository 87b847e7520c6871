/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * How long a child lived: at least what it measured itself, at most what its parent measured.
 */
#include "truth.h"

static void live(long milliseconds)
{
	long long began = now_ns(CLOCK_MONOTONIC);
	struct timespec nap = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000};

	nanosleep(&nap, NULL);
	struct truth line = truth_begin("lived");
	truth_number(&line, "pid", getpid());
	truth_number(&line, "at_least", now_ns(CLOCK_MONOTONIC) - began);
	truth_end(&line);
	_exit(0);
}

int main(void)
{
	static const long lives[] = {0, 5, 50, 300};

	for (int i = 0; i < 4; i++) {
		long long began = now_ns(CLOCK_MONOTONIC);
		pid_t pid = fork_or_die();

		if (pid == 0)
			live(lives[i]);
		await_child(pid);
		struct truth line = truth_begin("outlived");
		truth_number(&line, "pid", pid);
		truth_number(&line, "at_most", now_ns(CLOCK_MONOTONIC) - began);
		truth_end(&line);
	}
	return 0;
}
