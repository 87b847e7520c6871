/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Threads of one process with descriptor tables of their own: under one number each has another file. They write in
 * turns; then one ends, with its table, and the other goes on. The argument says how the second gets its table.
 */
#include "truth.h"

#include <pthread.h>

#ifndef CLOSE_RANGE_UNSHARE
#define CLOSE_RANGE_UNSHARE (1U << 1)
#endif

enum { NUMBER = 20, KEPT = 21, TURNS = 100 };

static pthread_barrier_t turn;
static pid_t second_thread;
static const char *way;

static void open_as(const char *path, int number)
{
	int fd = open(path, O_CREAT | O_RDWR | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || dup2(fd, number) != number)
		die(path);
	close(fd);
}

static void write_bytes(int fd, size_t count)
{
	if (write(fd, "123", count) != (ssize_t)count)
		die("write");
}

static void *second(void *unused)
{
	(void)unused;
	second_thread = gettid();
	if (strcmp(way, "unshare") == 0 && unshare(CLONE_FILES))
		die("unshare");
	if (strcmp(way, "close_range") == 0 && syscall(SYS_close_range, NUMBER, ~0U, CLOSE_RANGE_UNSHARE))
		die("close_range");
	open_as("two", NUMBER);
	for (int i = 0; i < TURNS; i++) {
		pthread_barrier_wait(&turn);
		write_bytes(NUMBER, 2);
		pthread_barrier_wait(&turn);
	}
	return NULL;
}

static void tell(const char *path, long long writes, long long bytes)
{
	struct truth line = truth_begin("written");

	truth_number(&line, "pid", getpid());
	truth_string(&line, "path", path);
	truth_number(&line, "writes", writes);
	truth_number(&line, "bytes", bytes);
	truth_end(&line);
}

int main(int argc, char *argv[])
{
	pthread_t thread;

	if (argc != 2)
		die("usage");
	way = argv[1];
	open_as("one", NUMBER);
	open_as("kept", KEPT);
	write_bytes(NUMBER, 1);
	write_bytes(KEPT, 3);
	if (pthread_barrier_init(&turn, NULL, 2) || pthread_create(&thread, NULL, second, NULL))
		die("thread");
	for (int i = 0; i < TURNS; i++) {
		pthread_barrier_wait(&turn);
		pthread_barrier_wait(&turn);
		write_bytes(NUMBER, 1);
	}
	if (pthread_join(thread, NULL))
		die("join");
	/* it is joined before it has gone (mm_release(), kernel/fork.c) */
	while (syscall(SYS_tgkill, getpid(), second_thread, 0) == 0)
		sched_yield();
	if (mkdir("joined", 0700))
		die("mkdir");
	write_bytes(NUMBER, 1);
	write_bytes(KEPT, 3);
	tell("one", TURNS + 2, TURNS + 2);
	tell("two", TURNS, 2 * TURNS);
	tell("kept", 2, 6);
	return 0;
}
