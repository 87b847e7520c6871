/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * uring_pending CHAINS: opens of a long name that wait behind reads of a pipe that nobody writes to, then what the
 * program has in memory that traces it, and its end.
 */
#include "uring.h"

#define LENGTH 1024

static struct uring ring;
static char name[PATH_MAX];
static char buffer[1];

static long parent_kib(const char *key)
{
	char path[64], line[256];
	long value = -1;
	FILE *status;

	snprintf(path, sizeof(path), "/proc/%d/status", getppid());
	status = fopen(path, "re");
	if (!status)
		die(path);
	while (fgets(line, sizeof(line), status))
		if (!strncmp(line, key, strlen(key)))
			value = atol(line + strlen(key));
	fclose(status);
	return value;
}

int main(int argc, char *argv[])
{
	struct truth line = truth_begin("pending");
	int chains = argc == 2 ? atoi(argv[1]) : 0;
	int ends[2];

	memset(name, '/', sizeof(name) - 1);
	name[sizeof(name) - 2] = 'x';
	if (!chains || pipe2(ends, O_CLOEXEC))
		return 2;
	uring_open(&ring, LENGTH, 0);
	for (int i = 0; i < chains; i++) {
		uring_transfer(&ring, IORING_OP_READ, ends[0], buffer, 1, 0)->flags = IOSQE_IO_LINK;
		for (int k = 1; k < LENGTH; k++)
			uring_openat(&ring, AT_FDCWD, name, O_RDONLY, 0)->flags = k < LENGTH - 1 ? IOSQE_IO_LINK : 0;
		uring_submit(&ring);
	}
	truth_number(&line, "requests", chains * (LENGTH - 1));
	truth_number(&line, "parent_kib", parent_kib("VmHWM:"));
	truth_end(&line);
	return 0;
}
