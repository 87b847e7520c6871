/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Processes that use the processor and memory in different ways; wait4(2) says what each has used.
 */
#include "truth.h"

#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>

#define BUSY (300 * 1000000LL) /* ns: many times a tick of the clock */

static volatile unsigned long sink;

/* In user mode but for a look at the clock now and then. */
static void *busy_user(void *until)
{
	while (now_ns(CLOCK_THREAD_CPUTIME_ID) < *(long long *)until)
		for (int i = 0; i < 1000000; i++)
			sink += i;
	return NULL;
}

static void busy_system(long long until)
{
	static char page[1 << 20];
	int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);

	while (now_ns(CLOCK_THREAD_CPUTIME_ID) < until)
		if (read(zero, page, sizeof(page)) != sizeof(page))
			die("read /dev/zero");
}

static void use_memory(size_t bytes)
{
	char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		die("mmap");
	memset(memory, 1, bytes);
	munmap(memory, bytes);
}

/* Some of the threads have ended when the process does, the leader among them; one has never been waited for. */
static void use_threads(void)
{
	static long long until = BUSY / 4;
	pthread_t threads[3];

	for (int i = 0; i < 3; i++)
		if (pthread_create(&threads[i], NULL, busy_user, &until))
			die("pthread_create");
	pthread_join(threads[0], NULL);
	busy_user(&until);
	pthread_exit(NULL);
}

/* What its own child has used is not the process's. */
static void have_child(void)
{
	long long until = BUSY;

	if (fork_or_die() == 0) {
		busy_user(&until);
		use_memory(32 << 20);
		_exit(0);
	}
	wait(NULL);
}

static void run(const char *what)
{
	long long until = BUSY;

	if (!strcmp(what, "user"))
		busy_user(&until);
	else if (!strcmp(what, "system"))
		busy_system(BUSY);
	else if (!strcmp(what, "memory"))
		use_memory(48 << 20);
	else if (!strcmp(what, "threads"))
		use_threads();
	else if (!strcmp(what, "child"))
		have_child();
}

static long long microseconds(struct timeval time)
{
	return time.tv_sec * 1000000LL + time.tv_usec;
}

int main(int argc, char *argv[])
{
	for (int i = 1; i < argc; i++) {
		pid_t pid = fork_or_die();
		struct rusage used;
		struct truth line;
		int status;

		if (pid == 0) {
			run(argv[i]);
			return 0;
		}
		if (wait4(pid, &status, 0, &used) != pid)
			die("wait4");
		line = truth_begin("used");
		truth_string(&line, "what", argv[i]);
		truth_number(&line, "pid", pid);
		truth_number(&line, "max_rss", used.ru_maxrss);
		truth_number(&line, "user", microseconds(used.ru_utime));
		truth_number(&line, "system", microseconds(used.ru_stime));
		truth_end(&line);
	}
	return 0;
}
