/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * open_replaced COUNT WHAT: makes files while another thread puts another one under their number and rewrites their
 * name as soon as they are open, until it was fast enough COUNT times, or for half a minute. WHAT it puts there:
 *
 *     harmless   always the same file; it was opened before
 *     alike      a file that was just made in the same way, and that nothing else has open
 *     how        as harmless, with other flags; the files are made by openat2
 *
 * Says which files were made under the number that the other thread knew; those alone have O_CLOEXEC.
 */
#include "truth.h"

#include <linux/openat2.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#define ROUNDS_MAX 20000
#define LONGEST 30000000000LL /* ns */
#define FLAGS (O_CREAT | O_EXCL | O_TRUNC | O_WRONLY)

static char name[PATH_MAX];
static char other_path[PATH_MAX];
static char victim[PATH_MAX];
static atomic_bool done;
static atomic_int wanted = -1; /* the number; -1: none */
static int other, number;
static bool alike, how;

static void *replace_it(void *nothing)
{
	(void)nothing;
	while (!atomic_load(&done)) {
		int fd = atomic_load(&wanted);

		if (fd < 0) {
			sched_yield();
		} else if (dup2(other, fd) == fd) { /* EBUSY: the open has taken the number, and not its file yet */
			if (alike)
				close(other);
			strcpy(name, other_path);
			atomic_store(&wanted, -1);
		}
	}
	return NULL;
}

/* One that leaves the lowest number free. */
static void open_other(const char *here, int round)
{
	int fd;

	snprintf(other_path, sizeof(other_path), "%s/other %d", here, round);
	fd = open(other_path, how ? FLAGS ^ O_WRONLY ^ (O_RDWR | O_APPEND) : FLAGS, 0600);
	if (fd < 0)
		die(other_path);
	other = fcntl(fd, F_DUPFD, 100);
	close(fd);
	if (other < 0)
		die("F_DUPFD");
}

static int open_victim(void)
{
	struct open_how what = {.flags = FLAGS | O_CLOEXEC, .mode = 0600};

	if (how)
		return (int)syscall(SYS_openat2, AT_FDCWD, name, &what, sizeof(what));
	return open(name, FLAGS | O_CLOEXEC, 0600);
}

static bool is_alone(void)
{
	cpu_set_t allowed;

	return sched_getaffinity(0, sizeof(allowed), &allowed) || CPU_COUNT(&allowed) == 1;
}

int main(int argc, char *argv[])
{
	const int count = argc > 2 ? atoi(argv[1]) : 0;
	const char *what = argc > 2 ? argv[2] : "";
	char *here = current_directory();
	bool *made = calloc(ROUNDS_MAX, sizeof(*made));
	const long long begun = now_ns(CLOCK_MONOTONIC);
	int rounds = 0, replaced = 0;
	pthread_t thread;
	struct truth line;

	alike = !strcmp(what, "alike");
	how = !strcmp(what, "how");
	run_before_others();
	open_other(here, -1);
	number = dup(other);
	close(number);
	if (!made || pthread_create(&thread, NULL, replace_it, NULL))
		die("prepare");
	for (; rounds < ROUNDS_MAX && replaced < count && now_ns(CLOCK_MONOTONIC) - begun < LONGEST; rounds++) {
		int fd;

		if (alike)
			open_other(here, rounds);
		snprintf(victim, sizeof(victim), "%s/victim %d", here, rounds);
		strcpy(name, victim);
		atomic_store(&wanted, number);
		fd = open_victim();
		made[rounds] = fd == number;
		replaced += made[rounds] && atomic_load(&wanted) < 0;
		while (atomic_load(&wanted) >= 0)
			sched_yield();
		close(number);
		if (fd != number) /* it came too late */
			close(fd);
		/* an emulated machine has no room for all of them */
		unlink(victim);
		if (alike)
			unlink(other_path);
	}
	atomic_store(&done, true);
	pthread_join(thread, NULL);
	line = truth_begin("raced");
	truth_number(&line, "pid", getpid());
	truth_number(&line, "fd", number);
	truth_number(&line, "alone", is_alone());
	truth_end(&line);
	for (int i = 0; i < rounds; i++) {
		if (!made[i])
			continue;
		line = truth_begin("made");
		snprintf(name, sizeof(name), "%s/victim %d", here, i);
		truth_string(&line, "path", name);
		truth_end(&line);
	}
	return 0;
}
