/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Both threads of a process end at the same instant: nobody may take both for the last one, or
 * neither. By turns with SYS_exit (the leader's status counts) and exit_group (the faster one's).
 */
#include "truth.h"

#include <pthread.h>
#include <stdatomic.h>

static atomic_int arrived;
static int call_number;

static void end_together(int code)
{
	atomic_fetch_add(&arrived, 1);
	for (int spins = 0; atomic_load(&arrived) < 2; spins++) {
		/* On one processor the other thread needs a turn to arrive. */
		if (spins > 2000)
			sched_yield();
	}
	syscall(call_number, code);
}

static void *worker(void *unused)
{
	end_together(22);
	return unused;
}

int main(int argc, char *argv[])
{
	int rounds = argc > 1 ? atoi(argv[1]) : 10;

	for (int round = 0; round < rounds; round++) {
		pid_t pid = fork_or_die();

		if (pid == 0) {
			pthread_t thread;

			call_number = round % 2 ? SYS_exit_group : SYS_exit;
			if (pthread_create(&thread, NULL, worker, NULL))
				die("pthread_create");
			end_together(11);
		}
		await_child(pid);
	}
	return 0;
}
