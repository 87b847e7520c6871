/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Files that are written through io_uring and closed through it. Each one is told when its close has come back, so that
 * the totals must stand in the trace before the directory that is made next.
 */
#include "uring.h"

#define SLOT 1

static char *here;
static char buffer[4096];

static int write_through(struct uring *ring, int fd, unsigned count, uint8_t flags)
{
	struct io_uring_sqe *sqe = uring_transfer(ring, IORING_OP_WRITE, fd, buffer, count, 0);

	sqe->flags |= flags;
	return uring_run(ring) == (int)count ? 0 : -1;
}

static int close_through(struct uring *ring, int fd)
{
	uring_next(ring, IORING_OP_CLOSE, fd);
	return uring_run(ring);
}

static int close_slot(struct uring *ring, unsigned slot)
{
	uring_next(ring, IORING_OP_CLOSE, 0)->file_index = slot + 1;
	return uring_run(ring);
}

static void tell(const char *label, int fd, unsigned count)
{
	struct truth line = truth_begin("closed");
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", here, label);
	truth_string(&line, "path", path);
	if (fd >= 0)
		truth_number(&line, "fd", fd);
	truth_number(&line, "written_bytes", count);
	snprintf(path, sizeof(path), "%s/after_%s", here, label);
	truth_string(&line, "mark", path);
	truth_end(&line);
	if (mkdir(path, 0700))
		die(path);
}

static int open_new(const char *name)
{
	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		die(name);
	return fd;
}

int main(void)
{
	int table[4] = {-1, -1, -1, -1};
	struct uring ring;
	struct io_uring_sqe *sqe;
	int first, second;

	here = current_directory();
	uring_open(&ring, 4, 0);
	if (uring_register(&ring, IORING_REGISTER_FILES, table, 4))
		die("IORING_REGISTER_FILES");

	first = open_new("first");
	if (write_through(&ring, first, 100, 0) || close_through(&ring, first))
		die("first");
	tell("first", first, 100);

	/* the same number again, closed by a system call */
	second = open_new("second");
	if (second != first || write_through(&ring, second, 50, 0) || close(second))
		die("second");
	tell("second", second, 50);

	sqe = uring_openat(&ring, AT_FDCWD, "slot", O_RDWR | O_CREAT, 0600);
	sqe->file_index = SLOT + 1;
	if (uring_run(&ring) || write_through(&ring, SLOT, 70, IOSQE_FIXED_FILE) || close_slot(&ring, SLOT))
		die("slot");
	tell("slot", -1, 70);

	/* nothing is closed */
	first = open_new("open");
	if (write_through(&ring, first, 30, 0) || close_through(&ring, 987) != -EBADF || close_slot(&ring, 3) != -EBADF)
		die("open");
	tell("open", first, 30);
	return 0;
}
