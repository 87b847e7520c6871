/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Threads that make, move and remove the same names in the current directory, each of them files of its own too. How
 * a call ends depends on the others.
 */
#include "truth.h"

#include <pthread.h>

#define THREADS 8
#define ROUNDS 60
#define NAMES 3

static void work_on_own(int thread, int round)
{
	char name[32], back[8];
	int fd;

	snprintf(name, sizeof name, "own/%d.%d", thread, round);
	fd = open(name, O_CREAT | O_EXCL | O_RDWR, 0600);
	write(fd, name, sizeof name);
	pread(fd, back, 3, 1);
	unlink(name);
	write(fd, name, 1);
	close(fd);
}

/* No descriptors here: what strace shows of one it has looked up after the call, when another thread was there. */
static void work_on_shared(int thread, int round)
{
	char name[16], other[16];

	snprintf(name, sizeof name, "n%d", (thread + round) % NAMES);
	snprintf(other, sizeof other, "./n%d", round % NAMES);
	switch (round % 6) {
	case 0:
		mkdir(name, 0700);
		break;
	case 1:
		rename(name, other);
		break;
	case 2:
		symlink(name, other);
		break;
	case 3:
		unlink(name);
		break;
	case 4:
		mknod(name, S_IFREG | 0600, 0);
		break;
	default:
		rmdir(other);
	}
}

static void *work(void *argument)
{
	int thread = (int)(long)argument;

	/* half of them have a current directory of their own from here on */
	if (thread % 2 && (unshare(CLONE_FS) || chdir("elsewhere")))
		die("unshare");
	for (int round = 0; round < ROUNDS; round++) {
		if (thread % 2 == 0)
			work_on_own(thread, round);
		work_on_shared(thread, round);
	}
	return NULL;
}

int main(void)
{
	pthread_t threads[THREADS];

	if (mkdir("own", 0700) || mkdir("elsewhere", 0700))
		die("mkdir");
	for (long i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, work, (void *)i))
			die("pthread_create");
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
