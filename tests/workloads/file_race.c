/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * file_race COUNT: opens so many times what another thread names anew all the while: one of two files, or none. Says
 * each time what the kernel opened.
 */
#include "truth.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

static char name[PATH_MAX];
static atomic_bool done;
static atomic_uint turns; /* of the other thread */
static bool alone; /* on one CPU the other thread runs only between the opens */

static void *rename_it(void *last)
{
	static const char digits[] = "012";

	for (unsigned i = 0; !atomic_load_explicit(&done, memory_order_relaxed); i++) {
		*(volatile char *)last = digits[i % 3];
		atomic_store_explicit(&turns, i, memory_order_relaxed);
	}
	return NULL;
}

static void stay_on(const cpu_set_t *allowed, int which)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, allowed) && which-- == 0)
			CPU_SET(cpu, &one);
	}
	if (sched_setaffinity(0, sizeof(one), &one))
		die("sched_setaffinity");
}

/* The threads start on CPUs of their own. */
static void start_race(char *last)
{
	pthread_t thread;
	cpu_set_t allowed;

	if (sched_getaffinity(0, sizeof(allowed), &allowed))
		die("sched_getaffinity");
	alone = CPU_COUNT(&allowed) == 1;
	stay_on(&allowed, alone ? 0 : 1);
	if (pthread_create(&thread, NULL, rename_it, last) || pthread_detach(thread))
		die("pthread_create");
	stay_on(&allowed, 0);
}

static void await_other(void)
{
	const unsigned before = atomic_load(&turns);

	while (!alone && atomic_load(&turns) == before)
		sched_yield();
}

static void open_it(char *path)
{
	struct truth line = truth_begin("open");
	char link[64];
	int fd;

	await_other();
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		truth_string(&line, "error", strerrorname_np(errno));
	} else {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		ssize_t length = readlink(link, path, PATH_MAX - 1);
		if (length < 0)
			die(link);
		truth_number(&line, "fd", fd);
		truth_bytes(&line, "path", path, (size_t)length);
		close(fd);
	}
	truth_end(&line);
}

int main(int argc, char *argv[])
{
	static char path[PATH_MAX];
	int count = argc > 1 ? atoi(argv[1]) : 0;
	char *here = current_directory();
	pid_t pid = fork_or_die();
	struct truth line;

	if (pid == 0) {
		write_file("name 0", "0", 0644);
		write_file("name 1", "1", 0644);
		_exit(0);
	}
	if (waitpid(pid, NULL, 0) != pid)
		die("prepare");
	snprintf(name, sizeof(name), "%s/name 2", here);
	start_race(name + strlen(name) - 1);
	for (int i = 0; i < count; i++)
		open_it(path);
	atomic_store(&done, true);
	line = truth_begin("raced");
	truth_number(&line, "pid", getpid());
	truth_number(&line, "alone", alone);
	truth_end(&line);
	return 0;
}
