/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * io_storm PROCESSES MILLISECONDS: each of them makes files, writes to them, closes and removes them, as fast as it
 * can, and counts its calls.
 */
#include "truth.h"

#include <sys/mman.h>

struct counts {
	long opens, writes, written_bytes, closes, unlinks;
};

static void storm(int index, long long until, struct counts *counts)
{
	char name[64];

	for (long number = 0; now_ns(CLOCK_MONOTONIC) < until; number++) {
		snprintf(name, sizeof(name), "storm.%d.%ld", index, number);
		int fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0600);

		if (fd < 0)
			die(name);
		counts->opens++;
		if (write(fd, name, 6) != 6)
			die("write");
		counts->writes++;
		counts->written_bytes += 6;
		close(fd);
		counts->closes++;
		if (unlink(name))
			die("unlink");
		counts->unlinks++;
	}
	_exit(0);
}

int main(int argc, char *argv[])
{
	struct counts *counts, sum = {0};
	int processes = argc == 3 ? atoi(argv[1]) : 0;

	if (!processes)
		return 2;
	counts = mmap(NULL, sizeof(*counts) * (size_t)processes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (counts == MAP_FAILED)
		die("mmap");
	long long until = now_ns(CLOCK_MONOTONIC) + atoll(argv[2]) * 1000000;
	for (int i = 0; i < processes; i++) {
		if (fork_or_die() == 0)
			storm(i, until, &counts[i]);
	}
	while (wait(NULL) > 0)
		;
	for (int i = 0; i < processes; i++) {
		sum.opens += counts[i].opens;
		sum.writes += counts[i].writes;
		sum.written_bytes += counts[i].written_bytes;
		sum.closes += counts[i].closes;
		sum.unlinks += counts[i].unlinks;
	}
	struct truth line = truth_begin("storm");
	truth_number(&line, "opens", sum.opens);
	truth_number(&line, "writes", sum.writes);
	truth_number(&line, "written_bytes", sum.written_bytes);
	truth_number(&line, "closes", sum.closes);
	truth_number(&line, "unlinks", sum.unlinks);
	truth_end(&line);
	return 0;
}
