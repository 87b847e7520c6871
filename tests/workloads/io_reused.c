/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 *   io_reused ROUNDS
 *
 * Threads read the file `read` through one number all the while, which another thread closes and opens anew. As soon as
 * it has closed it, it writes to the file `written` through another number, whose memory in the kernel side may be what
 * the readers are still at. Then it closes that one too.
 */
#include "io_shared.h"

#include <stdatomic.h>
#include <stdbool.h>

enum { READERS = 2 };

static atomic_bool done;
static atomic_long reads;

static void *read_on(void *unused)
{
	char buffer[BYTES];
	long calls = 0;

	while (!atomic_load_explicit(&done, memory_order_relaxed)) {
		ssize_t count = pread(FD, buffer, sizeof buffer, 0);

		if (count == BYTES)
			calls++;
		else if (count >= 0 || errno != EBADF)
			die("read");
	}
	atomic_fetch_add(&reads, calls);
	return unused;
}

int main(int argc, char *argv[])
{
	int rounds = argc > 1 ? atoi(argv[1]) : 100;
	pthread_t readers[READERS];

	write_file("read", text, 0600);
	open_at(FD, "read");
	for (int i = 0; i < READERS; i++)
		readers[i] = start(read_on, NULL);
	for (int i = 0; i < rounds; i++) {
		open_at(OTHER, "written");
		close(FD);
		write_to(OTHER, 1);
		close(OTHER);
		open_at(FD, "read");
	}
	atomic_store(&done, true);
	for (int i = 0; i < READERS; i++)
		pthread_join(readers[i], NULL);
	close(FD);
	say_total(getpid(), "read", atomic_load(&reads), 1);
	say_total(getpid(), "written", 0, rounds);
	return 0;
}
