/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Requests, handed over at once, about descriptors that the requests before them make and close: one number stands for
 * one file after the other. The program knows the numbers beforehand.
 */
#include "uring.h"

static char *here;
static struct uring ring;
static char buffer[1000];

/* `fd` -1: in the ring's own table. */
static struct truth begin(const char *event, int fd, const char *name)
{
	struct truth line = request_begin(name, event, 0);
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", here, name);
	if (fd >= 0)
		truth_number(&line, "fd", fd);
	truth_string(&line, "path", path);
	return line;
}

static void opened(int fd, const char *name)
{
	struct truth line = begin("open", fd, name);

	truth_string(&line, "flags", "O_RDWR");
	truth_string(&line, "name", name);
	truth_end(&line);
}

static void written(int fd, const char *name, int bytes)
{
	struct truth line = begin("write", fd, name);

	truth_number(&line, "offset", 0);
	truth_number(&line, "bytes", bytes);
	truth_end(&line);
}

static void await(int count, const int *results)
{
	uring_submit(&ring);
	for (int i = 0; i < count; i++) {
		struct io_uring_cqe cqe = uring_await(&ring);

		if (cqe.res != results[i])
			die("result");
	}
	ring.prepared = 0;
}

/* The next number that open() would give. */
static int next_number(void)
{
	int fd = dup(STDOUT_FILENO);

	if (fd < 0 || close(fd))
		die("dup");
	return fd;
}

static void open_close_open(void)
{
	int fd = next_number();

	uring_openat(&ring, AT_FDCWD, "first", O_RDWR, 0);
	uring_next(&ring, IORING_OP_CLOSE, fd);
	uring_openat(&ring, AT_FDCWD, "second", O_RDWR, 0);
	await(3, (int[]){fd, 0, fd});
	opened(fd, "first");
	opened(fd, "second");
	close(fd);
}

static void open_into_one_slot(void)
{
	int table[2] = {-1, -1};

	if (uring_register(&ring, IORING_REGISTER_FILES, table, 2))
		die("IORING_REGISTER_FILES");
	uring_openat(&ring, AT_FDCWD, "first", O_RDWR, 0)->file_index = 2;
	uring_openat(&ring, AT_FDCWD, "second", O_RDWR, 0)->file_index = 2;
	await(2, (int[]){0, 0});
	opened(-1, "first");
	opened(-1, "second");
}

/* The file that has so many bytes: on 6.1 the requests of a chain have theirs from the beginning. */
static const char *file_of_size(long long size)
{
	struct stat status;

	return stat("second", &status) == 0 && status.st_size == size ? "second" : "first";
}

static void write_close_open_write(void)
{
	int fd = open("first", O_RDWR | O_CLOEXEC);

	/* linked: the first write may take longer than the others */
	uring_transfer(&ring, IORING_OP_WRITE, fd, buffer, 300, 0)->flags = IOSQE_IO_LINK;
	uring_next(&ring, IORING_OP_CLOSE, fd)->flags = IOSQE_IO_LINK;
	uring_openat(&ring, AT_FDCWD, "second", O_RDWR, 0)->flags = IOSQE_IO_LINK;
	uring_transfer(&ring, IORING_OP_WRITE, fd, buffer, 500, 0);
	await(4, (int[]){300, 0, fd, 500});
	written(fd, "first", 300);
	opened(fd, "second");
	written(fd, file_of_size(500), 500);
	close(fd);
}

static void open_allocate(void)
{
	int fd = next_number();
	struct truth line;

	uring_openat(&ring, AT_FDCWD, "third", O_RDWR, 0)->flags = IOSQE_IO_LINK;
	uring_next(&ring, IORING_OP_FALLOCATE, fd)->addr = 4096;
	await(2, (int[]){fd, 0});
	opened(fd, "third");
	line = begin("truncate", fd, "third");
	truth_number(&line, "size", 4096);
	truth_end(&line);
	close(fd);
}

int main(void)
{
	here = current_directory();
	write_file("first", "", 0600);
	write_file("second", "", 0600);
	write_file("third", "", 0600);
	uring_open(&ring, 4, 0);
	open_close_open();
	open_into_one_slot();
	write_close_open_write();
	open_allocate();
	return 0;
}
