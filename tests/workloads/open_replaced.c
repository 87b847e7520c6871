/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * open_replaced COUNT: makes so many files while another thread puts "harmless" under their number and rewrites their
 * name as soon as they are open. Says of how many the number was free.
 */
#include "truth.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

static char name[PATH_MAX];
static atomic_bool done;
static atomic_int wanted = -1; /* the number; -1: none */
static int harmless, number;
static char harmless_path[PATH_MAX];

static void *replace_it(void *nothing)
{
	(void)nothing;
	while (!atomic_load(&done)) {
		int fd = atomic_load(&wanted);

		if (fd < 0) {
			sched_yield();
		} else if (dup2(harmless, fd) == fd) { /* EBUSY: the open has taken the number, and not its file yet */
			strcpy(name, harmless_path);
			atomic_store(&wanted, -1);
		}
	}
	return NULL;
}

int main(int argc, char *argv[])
{
	int count = argc > 1 ? atoi(argv[1]) : 0, made = 0, fd;
	char *here = current_directory();
	pthread_t thread;
	struct truth line;

	snprintf(harmless_path, sizeof(harmless_path), "%s/harmless", here);
	harmless = open(harmless_path, O_CREAT | O_WRONLY, 0600);
	number = dup(harmless);
	close(number);
	if (harmless < 0 || pthread_create(&thread, NULL, replace_it, NULL))
		die("prepare");
	for (int i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "%s/victim %d", here, i);
		atomic_store(&wanted, number);
		fd = open(name, O_CREAT | O_EXCL | O_TRUNC | O_WRONLY, 0600);
		made += fd == number;
		while (atomic_load(&wanted) >= 0)
			sched_yield();
		close(number);
		if (fd != number) /* it came too late */
			close(fd);
	}
	atomic_store(&done, true);
	pthread_join(thread, NULL);
	line = truth_begin("made");
	truth_number(&line, "pid", getpid());
	truth_number(&line, "fd", number);
	truth_number(&line, "count", made);
	truth_end(&line);
	return 0;
}
