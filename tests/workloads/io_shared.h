/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * For the io_ workloads that say what each process moved through each file, BYTES at a time.
 */
#ifndef IO_SHARED_H
#define IO_SHARED_H

#include "truth.h"

#include <pthread.h>

enum { FD = 20, OTHER = 21, BYTES = 7 };

struct io_case {
	const char *name;
	void (*run)(void);
};

static const char text[BYTES + 1] = "1234567";

static void say_total(pid_t pid, const char *name, long reads, long writes)
{
	struct truth line = truth_begin("total");
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", current_directory(), name);
	truth_number(&line, "pid", pid);
	truth_string(&line, "path", path);
	truth_number(&line, "reads", reads);
	truth_number(&line, "read_bytes", reads * BYTES);
	truth_number(&line, "writes", writes);
	truth_number(&line, "written_bytes", writes * BYTES);
	truth_end(&line);
}

static void open_at(int fd, const char *name)
{
	int opened = open(name, O_RDWR | O_CREAT, 0600);

	if (opened < 0 || dup2(opened, fd) != fd || close(opened))
		die(name);
}

static void write_to(int fd, int times)
{
	for (int i = 0; i < times; i++) {
		if (write(fd, text, BYTES) != BYTES)
			die("write");
	}
}

static pthread_t start(void *(*body)(void *), void *argument)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, body, argument))
		die("pthread_create");
	return thread;
}

__attribute__((unused)) static int run_case(const struct io_case *cases, int argc, char *argv[])
{
	for (; argc == 2 && cases->name; cases++) {
		if (!strcmp(argv[1], cases->name)) {
			cases->run();
			return 0;
		}
	}
	return 2;
}

#endif
