/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Makes one event with each go, and nothing else: an exec that fails, with a record that takes long to copy. The go is
 * a number of microseconds to wait before. Afterwards the file `made` is one byte longer.
 */
#include "truth.h"

#include <stdbool.h>

enum { ARGUMENT = 32000 };

static bool await_go_after(long long *microseconds)
{
	char text[32];
	size_t length = 0;

	while (length + 1 < sizeof(text)) {
		ssize_t count = read(STDIN_FILENO, text + length, 1);
		if (count == 0)
			return false;
		if (count < 0)
			die("read go");
		if (text[length] == '\n')
			break;
		length++;
	}
	text[length] = '\0';
	*microseconds = atoll(text);
	return true;
}

/* To the microsecond: a timer would be late by more. */
static void pass(long long microseconds)
{
	const long long end = now_ns(CLOCK_MONOTONIC) + microseconds * 1000;

	if (microseconds > 1000)
		usleep((useconds_t)(microseconds - 1000));
	while (now_ns(CLOCK_MONOTONIC) < end)
		;
}

int main(void)
{
	static char argument[ARGUMENT];
	char *argv[] = {"nothing", argument, NULL};
	int made = open("made", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	struct truth line = truth_begin("ready");
	long long microseconds;

	if (made < 0)
		die("made");
	memset(argument, 'x', sizeof(argument) - 1);
	truth_number(&line, "pid", getpid());
	truth_end(&line);
	while (await_go_after(&microseconds)) {
		pass(microseconds);
		execv("/nothing", argv);
		if (write(made, ".", 1) != 1)
			die("made");
	}
	return 0;
}
