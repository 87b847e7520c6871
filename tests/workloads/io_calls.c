/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * io_calls CASE: calls that read and write, each followed by what it must be reported as; one line for each side of it.
 */
#include "truth.h"

#include <sys/sendfile.h>
#include <sys/uio.h>

enum { NONE = -1, RD = 20, WR, RW, DIRECTORY, PIPE_OUT, PIPE_IN, CLOSED = 900 };

static char bytes[8192];

static void say(const char *kind, int fd, ssize_t result, int error, long long offset)
{
	struct truth line = truth_begin(kind);
	char link[32], path[PATH_MAX] = "";

	truth_number(&line, "fd", fd);
	if (result < 0)
		truth_string(&line, "error", strerrorname_np(error));
	else
		truth_number(&line, "bytes", result);
	if (offset != NONE)
		truth_number(&line, "offset", offset);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (readlink(link, path, sizeof(path) - 1) > 0)
		truth_string(&line, "path", path);
	truth_end(&line);
}

static void did_read(int fd, ssize_t result, long long offset)
{
	say("read", fd, result, errno, offset);
}

static void did_write(int fd, ssize_t result, long long offset)
{
	say("write", fd, result, errno, offset);
}

static void did_move(int from, long long from_offset, int to, long long to_offset, ssize_t result)
{
	int error = errno;

	say("read", from, result, error, from_offset);
	say("write", to, result, error, to_offset);
}

static void place(int opened, int fd)
{
	if (opened < 0 || dup2(opened, fd) != fd)
		die("open");
	close(opened);
}

static void open_all(void)
{
	int ends[2];

	write_file("readable", "0123456789abcdefghijklmnopqrstuvwxyz", 0600);
	place(open("readable", O_RDONLY), RD);
	place(open("written", O_WRONLY | O_CREAT, 0600), WR);
	place(open("both", O_RDWR | O_CREAT, 0600), RW);
	place(open(".", O_RDONLY | O_DIRECTORY), DIRECTORY);
	if (pipe2(ends, O_NONBLOCK))
		die("pipe");
	place(ends[0], PIPE_OUT);
	place(ends[1], PIPE_IN);
}

static void plain(void)
{
	struct iovec parts[] = {{bytes, 3}, {bytes + 10, 4}};

	did_read(RD, read(RD, bytes, 5), NONE);
	did_read(RD, readv(RD, parts, 2), NONE);
	did_read(RD, read(RD, bytes, 0), NONE);
	did_write(WR, write(WR, "abc", 3), NONE);
	did_write(WR, writev(WR, parts, 2), NONE);
	did_write(WR, write(WR, "", 0), NONE);
	did_read(RD, read(RD, bytes, sizeof(bytes)), NONE);
	did_read(RD, read(RD, bytes, sizeof(bytes)), NONE);
}

static void positioned(void)
{
	struct iovec parts[] = {{bytes, 3}, {bytes + 10, 4}};
	long long far = 5000000000;

	did_read(RD, pread(RD, bytes, 5, 7), 7);
	did_read(RD, pread(RD, bytes, 5, 0), 0);
	did_read(RD, pread(RD, bytes, 5, far), far);
	did_read(RD, preadv(RD, parts, 2, 11), 11);
	did_read(RD, preadv2(RD, parts, 2, 12, 0), 12);
	did_read(RD, preadv2(RD, parts, 2, -1, 0), NONE);
	did_write(WR, pwrite(WR, "xyz", 3, 100), 100);
	did_write(WR, pwrite(WR, "xyz", 3, far), far);
	did_write(WR, pwritev(WR, parts, 2, 200), 200);
	did_write(WR, pwritev2(WR, parts, 2, 300, 0), 300);
	did_write(WR, pwritev2(WR, parts, 2, -1, RWF_APPEND), NONE);
}

static void moved(void)
{
	off_t in = 2, out = 50;

	did_move(RD, NONE, WR, NONE, sendfile(WR, RD, NULL, 6));
	did_move(RD, 2, WR, NONE, sendfile(WR, RD, &in, 6));
	in = 4;
	did_move(RD, NONE, WR, NONE, copy_file_range(RD, NULL, WR, NULL, 5, 0));
	did_move(RD, 4, WR, 50, copy_file_range(RD, &in, WR, &out, 5, 0));
	in = 4, out = 60;
	did_move(RD, 4, WR, NONE, copy_file_range(RD, &in, WR, NULL, 5, 0));
	did_move(RD, NONE, WR, 60, copy_file_range(RD, NULL, WR, &out, 5, 0));
	in = 1000;
	did_move(RD, 1000, WR, NONE, copy_file_range(RD, &in, WR, NULL, 5, 0));
	in = 1;
	did_move(RD, 1, CLOSED, NONE, copy_file_range(RD, &in, CLOSED, NULL, 5, 0));
	did_move(RD, 1, CLOSED, NONE, sendfile(CLOSED, RD, &in, 5));
}

static void spliced(void)
{
	struct iovec part = {bytes, 9};
	off_t in = 3, out = 70;

	did_move(RD, NONE, PIPE_IN, NONE, splice(RD, NULL, PIPE_IN, NULL, 4, 0));
	did_move(RD, 3, PIPE_IN, NONE, splice(RD, &in, PIPE_IN, NULL, 4, 0));
	did_move(PIPE_OUT, NONE, WR, NONE, splice(PIPE_OUT, NULL, WR, NULL, 3, 0));
	did_move(PIPE_OUT, NONE, WR, 70, splice(PIPE_OUT, NULL, WR, &out, 3, 0));
	did_write(PIPE_IN, vmsplice(PIPE_IN, &part, 1, 0), NONE);
	did_read(PIPE_OUT, vmsplice(PIPE_OUT, &part, 1, 0), NONE);
	did_read(PIPE_OUT, read(PIPE_OUT, bytes, 100), NONE);
	did_read(PIPE_OUT, read(PIPE_OUT, bytes, 100), NONE);
	did_move(PIPE_OUT, NONE, WR, NONE, splice(PIPE_OUT, NULL, WR, NULL, 3, SPLICE_F_NONBLOCK));
	did_read(PIPE_OUT, pread(PIPE_OUT, bytes, 1, 5), 5);
}

static void failing(void)
{
	void *volatile nowhere = NULL;

	did_read(CLOSED, read(CLOSED, bytes, 1), NONE);
	did_write(CLOSED, write(CLOSED, bytes, 1), NONE);
	did_read(CLOSED, pread(CLOSED, bytes, 1, 3), 3);
	did_write(CLOSED, pwrite(CLOSED, bytes, 1, 3), 3);
	did_read(WR, read(WR, bytes, 1), NONE);
	did_write(RD, write(RD, bytes, 1), NONE);
	did_write(RD, pwrite(RD, bytes, 1, 9), 9);
	did_read(DIRECTORY, read(DIRECTORY, bytes, 1), NONE);
	did_read(RD, read(RD, nowhere, 1), NONE);
	did_write(WR, write(WR, nowhere, 1), NONE);
	close(CLOSED);
}

static void closed(void)
{
	unlink("both");
	did_write(RW, write(RW, "1", 1), NONE);
	say("close", RW, 0, 0, NONE);
	close(RW);
	say("close", WR, 0, 0, NONE);
	dup2(RD, WR);
	say("close", RD, 0, 0, NONE);
	say("close", WR, 0, 0, NONE);
	say("close", DIRECTORY, 0, 0, NONE);
	close_range(RD, DIRECTORY, 0);
	close(RD);
}

static void on_signal(int number)
{
	(void)number;
	if (write(PIPE_IN, "late", 4) != 4)
		_exit(97);
}

/* Until the process sleeps in its read of the pipe. */
static void await_blocked(pid_t pid)
{
	char path[64], line[64] = "", wanted[16];
	int length = snprintf(wanted, sizeof(wanted), "%d %#x ", SYS_read, PIPE_OUT);

	snprintf(path, sizeof(path), "/proc/%d/syscall", pid);
	while (strncmp(line, wanted, (size_t)length)) {
		int fd = open(path, O_RDONLY);
		ssize_t count = read(fd, line, sizeof(line) - 1);

		close(fd);
		line[count > 0 ? count : 0] = '\0';
		sched_yield();
	}
}

static ssize_t read_interrupted(int flags)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = flags};
	pid_t parent = getpid(), child;

	fcntl(PIPE_OUT, F_SETFL, 0);
	sigaction(SIGUSR1, &action, NULL);
	child = fork_or_die();
	if (child == 0) {
		await_blocked(parent);
		kill(parent, SIGUSR1);
		_exit(0);
	}
	ssize_t result = read(PIPE_OUT, bytes, 10);
	int error = errno;
	while (waitpid(child, NULL, 0) < 0)
		;
	errno = error;
	return result;
}

static void interrupted_and_restarted(void)
{
	ssize_t result = read_interrupted(SA_RESTART);

	did_write(PIPE_IN, 4, NONE);
	did_read(PIPE_OUT, result, NONE);
}

static void interrupted_for_good(void)
{
	did_read(PIPE_OUT, read_interrupted(0), NONE);
	did_write(PIPE_IN, 4, NONE);
}

static const struct {
	const char *name;
	void (*run)(void);
} cases[] = {
	{"plain", plain},
	{"positioned", positioned},
	{"moved", moved},
	{"spliced", spliced},
	{"failing", failing},
	{"closed", closed},
	{"interrupted_and_restarted", interrupted_and_restarted},
	{"interrupted_for_good", interrupted_for_good},
};

int main(int argc, char *argv[])
{
	for (size_t i = 0; argc == 2 && i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (!strcmp(argv[1], cases[i].name)) {
			open_all();
			cases[i].run();
			return 0;
		}
	}
	return 2;
}
