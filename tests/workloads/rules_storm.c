/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Opens pair/target and, many times as often, what is beside it in noise/, until its input ends. Then says how often.
 * While it runs, the 64-bit number in the file `progress` says it.
 */
#include "truth.h"

#include <poll.h>
#include <sys/mman.h>

#define NOISE 40 /* opens of noise for one of the target */

static void open_and_close(const char *name)
{
	int fd = open(name, O_RDONLY | O_CREAT, 0600);

	if (fd < 0)
		die(name);
	close(fd);
}

/* A mapping: to count there is no call, and no event. */
static volatile long *map_progress(void)
{
	int fd = open("progress", O_RDWR | O_CREAT, 0600);
	void *at;

	if (fd < 0 || ftruncate(fd, sizeof(long)))
		die("progress");
	at = mmap(NULL, sizeof(long), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		die("mmap");
	close(fd);
	return at;
}

int main(void)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	volatile long *opens = map_progress();
	struct truth line;

	if (mkdir("pair", 0755) || mkdir("noise", 0755))
		die("mkdir");
	await_go();
	while (poll(&input, 1, 0) == 0) {
		open_and_close("pair/target");
		++*opens;
		for (int i = 0; i < NOISE; i++)
			open_and_close("noise/file");
	}
	line = truth_begin("storm");
	truth_number(&line, "opens", *opens);
	truth_end(&line);
	return 0;
}
