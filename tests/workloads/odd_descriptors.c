/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Calls on descriptors that ordinary programs do not make, in an empty current directory. Many of them
 * fail, and are meant to. It tells nothing itself: strace watches it.
 */
#include "truth.h"

#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/xattr.h>

#define CLOSED 777 /* no such descriptor */

/* not constants, or the compiler would see through them */
static char *volatile no_address = (char *)8;
static char text[64] = "what is read and written";

static int opened(int dir, const char *name, int flags)
{
	int fd = openat(dir, name, flags, 0640);

	if (fd < 0)
		die(name);
	return fd;
}

static void call_by_descriptor(void)
{
	int fd = opened(AT_FDCWD, "before", O_CREAT | O_RDWR), pipes[2], spare = dup(fd);

	pipe2(pipes, O_CLOEXEC);
	write(fd, text, 10);
	rename("before", "after");
	write(fd, text, 20);
	unlink("after");
	write(fd, text, 30);
	pwrite(spare, text, 5, 1000);
	ftruncate(fd, 7);
	ftruncate(fd, -1);
	fchmod(fd, 0123);
	fchown(fd, -1, 3);
	futimens(fd, NULL);
	fallocate(fd, FALLOC_FL_KEEP_SIZE, 5, 100);
	fsetxattr(fd, "user.a", "1", 1, XATTR_CREATE);
	fremovexattr(fd, "user.a");
	fremovexattr(fd, "user.a");
	fchmod(CLOSED, 1);
	fchown(-1, 1, 1);
	ftruncate(CLOSED, 1);
	ftruncate(pipes[0], 1);
	futimens(CLOSED, NULL);
	fsetxattr(pipes[1], "user.a", "1", 1, 0);
	fsetxattr(fd, "nowhere", "1", 1, 0);
	fchmod(pipes[1], 0600);
	dup2(fd, pipes[0]);
	dup2(pipes[0], pipes[0]);
	dup2(CLOSED, pipes[0]);
	dup3(fd, fd, 0);
	dup2(fd, 30);
	write(30, text, 3);
	write(pipes[1], text, 1);
	read(fd, text, 1);
	close(CLOSED);
	close(30);
	close(30);
	close_range((unsigned)fd, (unsigned)fd + 2, 0);
	write(spare, text, 1);
	close(spare);
	close(pipes[1]);
}

static void transfer(void)
{
	int fd = opened(AT_FDCWD, "from", O_CREAT | O_RDWR), to = opened(AT_FDCWD, "to", O_CREAT | O_RDWR), ends[2],
	    pair[2];
	int memory = memfd_create("memory\n", 0), event = eventfd(1, 0), dir = opened(AT_FDCWD, ".", O_RDONLY);
	struct iovec parts[2] = {{text, 10}, {text + 10, 10}};
	off_t at = 3, until = 50;

	pipe(ends);
	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	writev(fd, parts, 2);
	pwritev(fd, parts, 2, 100);
	pwritev2(fd, parts, 2, -1, 0);
	pwritev2(fd, parts, 1, 7, RWF_DSYNC);
	preadv(fd, parts, 2, 5);
	preadv2(fd, parts, 2, -1, 0);
	readv(fd, parts, 0);
	pread(fd, text, 10, 1);
	pread(fd, text, 1, -1);
	sendfile(to, fd, NULL, 5);
	sendfile(to, fd, &at, 6);
	sendfile(to, CLOSED, NULL, 1);
	sendfile(dir, fd, NULL, 1);
	copy_file_range(fd, &at, to, &until, 9, 0);
	copy_file_range(fd, NULL, to, NULL, 0, 0);
	copy_file_range(fd, &at, dir, NULL, 1, 0);
	splice(fd, &at, ends[1], NULL, 4, 0);
	splice(ends[0], NULL, to, NULL, 4, 0);
	write(ends[1], text, 3);
	read(ends[0], text, 9);
	write(pair[0], text, 4);
	read(pair[1], text, 9);
	write(memory, text, 5);
	ftruncate(memory, 9);
	read(event, text, 8);
	write(event, "\1\0\0\0\0\0\0", 8);
	read(dir, text, 5);
	write(dir, text, 1);
	read(fd, no_address, 1);
	write(fd, no_address, 1);
	read(CLOSED, text, 1);
	write(-1, text, 1);
	write(fd, "", 0);
	close(ends[0]);
	write(ends[1], text, 1);
	unlink("from");
	unlink("to");
	/* all stay open: their totals come with the exit */
}

static void map(int flags, int protection, int fd)
{
	void *at = mmap(NULL, 8192, protection, flags, fd, 0);

	if (at != MAP_FAILED)
		munmap(at, 8192);
}

static void map_files(void)
{
	int fd = opened(AT_FDCWD, "mapped", O_CREAT | O_RDWR), readable = opened(AT_FDCWD, "mapped", O_RDONLY);
	int zero = opened(AT_FDCWD, "/dev/zero", O_RDWR), memory = memfd_create("m", 0);
	const int both = PROT_READ | PROT_WRITE;

	map(MAP_SHARED, both, fd);
	map(MAP_SHARED_VALIDATE, PROT_WRITE, fd);
	map(MAP_SHARED, PROT_READ, fd);
	map(MAP_PRIVATE, both, fd);
	map(MAP_SHARED, both, readable);
	map(MAP_SHARED | MAP_ANONYMOUS, both, -1);
	map(MAP_SHARED, both, zero);
	map(MAP_SHARED, both, memory);
	map(MAP_SHARED, both, CLOSED);
	unlink("mapped");
	map(MAP_SHARED, both, fd);
	close(fd);
	close(readable);
}

static void open_by_handle(void)
{
	struct {
		struct file_handle handle;
		unsigned char bytes[MAX_HANDLE_SZ];
	} room = {.handle = {.handle_bytes = MAX_HANDLE_SZ}};
	int mount, dir = opened(AT_FDCWD, ".", O_RDONLY);

	close(opened(AT_FDCWD, "handled", O_CREAT | O_RDWR));
	if (name_to_handle_at(AT_FDCWD, "handled", &room.handle, &mount, 0))
		return; /* not on every file system */
	close(open_by_handle_at(dir, &room.handle, O_RDWR | O_CLOEXEC));
	unlink("handled");
	open_by_handle_at(dir, &room.handle, O_RDONLY);
	open_by_handle_at(CLOSED, &room.handle, O_RDONLY);
	close(dir);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	call_by_descriptor();
	map_files();
	open_by_handle();
	transfer();
	return 0;
}
