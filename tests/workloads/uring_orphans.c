/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A child hands reads from the disk to a ring that it inherited, and is gone before they are done: the parent sees
 * their results.
 */
#include "uring.h"

#define COUNT 64
#define SIZE (128 * 1024)

static char buffer[SIZE] __attribute__((aligned(4096)));

/* Past the page cache, where the file system can do that. */
static int open_new(const char *name)
{
	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_DIRECT, 0600);

	if (fd < 0)
		fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		die(name);
	for (int i = 0; i < COUNT; i++) {
		if (pwrite(fd, buffer, SIZE, (off_t)i * SIZE) != SIZE)
			die("pwrite");
	}
	if (fsync(fd))
		die("fsync");
	return fd;
}

int main(void)
{
	long long reads = 0, bytes = 0;
	struct uring ring;
	struct truth line;
	pid_t child;
	int fd;

	memset(buffer, 'x', sizeof(buffer));
	fd = open_new("file");
	uring_open(&ring, COUNT, 0);
	child = fork_or_die();
	if (child == 0) {
		for (int i = 0; i < COUNT; i++)
			uring_transfer(&ring, IORING_OP_READ, fd, buffer, SIZE, (long long)i * SIZE);
		uring_submit(&ring);
		_exit(0);
	}
	await_child(child);
	for (int i = 0; i < COUNT; i++) {
		struct io_uring_cqe cqe = uring_await(&ring);

		reads += cqe.res >= 0;
		bytes += cqe.res >= 0 ? cqe.res : 0;
	}
	line = truth_begin("orphans");
	truth_number(&line, "pid", child);
	truth_number(&line, "ppid", getpid());
	truth_number(&line, "fd", fd);
	truth_number(&line, "requests", COUNT);
	truth_number(&line, "reads", reads);
	truth_number(&line, "read_bytes", bytes);
	truth_end(&line);
	return 0;
}
