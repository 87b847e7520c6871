/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 *   io_shared_ends PROCESSES
 *
 * Processes one after the other, each with two threads that share a table of descriptors which is not their leader's,
 * write through it, leave all of it open and end at once: at its end each looks at its list of robust futexes, which
 * lies in a file whose bytes come when both want theirs. Then it says so and waits.
 */
#include "fuse.h"

#include <linux/futex.h>
#include <sys/mman.h>

enum { THREADS = 2, FD = 20 };

static void end_in(const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	void *list = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);

	if (fd < 0 || list == MAP_FAILED || close(fd) || write(FD, "1", 1) != 1 ||
	    syscall(SYS_set_robust_list, list, sizeof(struct robust_list_head)))
		die(file);
	syscall(SYS_exit, 0);
}

static void *follow(void *number)
{
	char file[100];

	snprintf(file, sizeof file, "mount/follow %d", *(int *)number);
	end_in(file);
	return NULL;
}

static void *lead(void *number)
{
	char file[100];
	pthread_t thread;
	int left;

	snprintf(file, sizeof file, "mount/lead %d", *(int *)number);
	left = unshare(CLONE_FILES) ? -1 : open("left", O_RDWR | O_CREAT, 0600);
	if (left < 0 || dup2(left, FD) != FD || close(left) || pthread_create(&thread, NULL, follow, number))
		die("left");
	end_in(file);
	return NULL;
}

int main(int argc, char *argv[])
{
	int processes = argc > 1 ? atoi(argv[1]) : 1;
	struct truth line;
	pthread_t thread;

	fuse_reads_together = THREADS;
	await_go();
	if (!fuse_mount("mount"))
		processes = 0;
	for (int i = 0; i < processes; i++) {
		pid_t pid = fork_or_die();

		if (pid == 0) {
			if (pthread_create(&thread, NULL, lead, &i) || pthread_join(thread, NULL))
				die("thread");
			_exit(0);
		}
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	line = truth_begin("left");
	truth_number(&line, "processes", processes);
	truth_end(&line);
	await_go();
	_exit(0);
}
