/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Opens pair/target and, many times as often, what is beside it in noise/, until its input ends. Then says how often.
 */
#include "truth.h"

#include <poll.h>

#define NOISE 40 /* opens of noise for one of the target */

static void open_and_close(const char *name)
{
	int fd = open(name, O_RDONLY | O_CREAT, 0600);

	if (fd < 0)
		die(name);
	close(fd);
}

int main(void)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	struct truth line;
	long opens = 0;

	if (mkdir("pair", 0755) || mkdir("noise", 0755))
		die("mkdir");
	await_go();
	while (poll(&input, 1, 0) == 0) {
		open_and_close("pair/target");
		opens++;
		for (int i = 0; i < NOISE; i++)
			open_and_close("noise/file");
	}
	line = truth_begin("storm");
	truth_number(&line, "opens", opens);
	truth_end(&line);
	return 0;
}
