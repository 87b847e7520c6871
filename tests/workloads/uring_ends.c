/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * uring_ends WHAT HOW: a program that ends while its requests are on their way.
 * WHAT: open (waits for a writer of a FIFO), read (of an empty pipe), write. HOW: exit, kill, exec.
 */
#include "uring.h"

#define COUNT 64
#define SIZE (64 * 1024)
#define ENDED 8 /* writes that are waited for */

static struct uring ring;
static char buffer[SIZE];

static void open_fifo(void)
{
	if (mkfifo("fifo", 0600))
		die("fifo");
	uring_openat(&ring, AT_FDCWD, "fifo", O_RDONLY, 0)->flags = IOSQE_ASYNC;
}

static void read_pipe(void)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		die("pipe");
	uring_transfer(&ring, IORING_OP_READ, ends[0], buffer, 100, 0);
}

static int open_new(const char *name)
{
	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		die(name);
	return fd;
}

static void write_file_through(void)
{
	int fd = open_new("file");

	memset(buffer, 'x', sizeof(buffer));
	for (int i = 0; i < COUNT; i++)
		uring_transfer(&ring, IORING_OP_WRITE, fd, buffer, SIZE, (long long)i * SIZE)->flags = IOSQE_ASYNC;
}

static void run(const char *what)
{
	static const struct {
		const char *name;
		void (*prepare)(void);
	} cases[] = {
		{"open", open_fifo},
		{"read", read_pipe},
		{"write", write_file_through},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (!strcmp(what, cases[i].name))
			cases[i].prepare();
	}
	if (!ring.queued)
		die(what);
	uring_submit(&ring);
	/* so that some have ended and some have not */
	for (int i = 0; i < ENDED && !strcmp(what, "write"); i++)
		uring_await(&ring);
}

int main(int argc, char *argv[])
{
	if (argc != 3)
		return 2;
	uring_open(&ring, COUNT, 0);
	run(argv[1]);
	if (!strcmp(argv[2], "exec"))
		execl(sibling("print_self"), "print_self", NULL);
	else if (!strcmp(argv[2], "kill"))
		kill(getpid(), SIGKILL);
	_exit(0);
}
