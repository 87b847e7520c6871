/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * io_closed_under CASE: one thread closes a descriptor, or gives its number away, while a call of another one runs.
 */
#include "io_shared.h"

#include <stdbool.h>

enum { RACES = 200000 };

static bool over;

static void *write_while_it_lasts(void *count)
{
	while (!__atomic_load_n(&over, __ATOMIC_RELAXED)) {
		ssize_t result = write(FD, text, BYTES);
		if (result == BYTES)
			++*(long *)count;
		else if (errno != EBADF)
			die("write");
	}
	return NULL;
}

/* A descriptor is closed while another thread writes to it; the number is always the same file's. */
static void closed_under_a_writer(void)
{
	long count = 0;

	open_at(FD, "one");
	open_at(OTHER, "one");
	pthread_t thread = start(write_while_it_lasts, &count);
	for (int i = 0; i < RACES; i++) {
		close(FD);
		if (dup2(OTHER, FD) != FD)
			die("dup2");
	}
	over = true;
	pthread_join(thread, NULL);
	say_total(getpid(), "one", 0, count);
}

static int ends[2];

static void *read_pipe(void *result)
{
	char bytes[BYTES];

	*(ssize_t *)result = read(ends[0], bytes, BYTES);
	return NULL;
}

/* Until the thread sleeps in its read. */
static void await_blocked(pid_t pid)
{
	char path[64], line[64] = "", call[16];

	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", pid);
	snprintf(call, sizeof(call), "%d ", SYS_read);
	while (strncmp(line, call, strlen(call))) {
		int fd = open(path, O_RDONLY);
		if (fd < 0)
			die(path);
		ssize_t count = read(fd, line, sizeof(line) - 1);
		close(fd);
		line[count > 0 ? count : 0] = '\0';
		sched_yield();
	}
}

static pid_t reader;

static void *say_and_read(void *result)
{
	__atomic_store_n(&reader, thread_id(), __ATOMIC_RELEASE);
	return read_pipe(result);
}

static pthread_t start_blocked_read(ssize_t *result)
{
	if (pipe(ends))
		die("pipe");
	pthread_t thread = start(say_and_read, result);
	while (!__atomic_load_n(&reader, __ATOMIC_ACQUIRE))
		sched_yield();
	await_blocked(reader);
	return thread;
}

/* While a thread waits in a read of a pipe, another one closes the descriptor. */
static void closed_under_a_reader(void)
{
	ssize_t result = 0;
	pthread_t thread = start_blocked_read(&result);

	close(ends[0]);
	write_to(ends[1], 1);
	pthread_join(thread, NULL);
	struct truth line = truth_begin("blocked");
	truth_number(&line, "bytes", result);
	truth_end(&line);
}

/* While a thread waits in a read of a pipe, its number is given to a file. */
static void replaced_under_a_reader(void)
{
	ssize_t result = 0;
	pthread_t thread = start_blocked_read(&result);

	open_at(FD, "one");
	if (dup2(FD, ends[0]) != ends[0])
		die("dup2");
	write_to(ends[1], 1);
	pthread_join(thread, NULL);
	write_to(ends[0], 2);
	say_total(getpid(), "one", 0, 2);
	struct truth line = truth_begin("blocked");
	truth_number(&line, "bytes", result);
	truth_end(&line);
}

static const struct io_case cases[] = {
	{"writer", closed_under_a_writer},
	{"reader", closed_under_a_reader},
	{"reader_replaced", replaced_under_a_reader},
	{NULL, NULL},
};

int main(int argc, char *argv[])
{
	return run_case(cases, argc, argv);
}
