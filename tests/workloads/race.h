/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A name that another thread writes anew all the while: it ends in '0', '1' or '2'.
 */
#ifndef RACE_H
#define RACE_H

#include "truth.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

static char name[PATH_MAX];
static atomic_bool done;
static atomic_uint turns; /* of the other thread */
static long long begun; /* CLOCK_MONOTONIC, ns */
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

	run_before_others();
	if (sched_getaffinity(0, sizeof(allowed), &allowed))
		die("sched_getaffinity");
	alone = CPU_COUNT(&allowed) == 1;
	stay_on(&allowed, alone ? 0 : 1);
	if (pthread_create(&thread, NULL, rename_it, last) || pthread_detach(thread))
		die("pthread_create");
	stay_on(&allowed, 0);
	begun = now_ns(CLOCK_MONOTONIC);
}

#define RACE_LEAST 500 /* rounds */
#define RACE_LONGEST 30000000000LL /* ns */

/* Is there another round? Where other programs want the CPUs too, each one waits for both threads' turns: then fewer
 * must do. */
static bool goes_on(int round, int count)
{
	return round < count && (round < RACE_LEAST || now_ns(CLOCK_MONOTONIC) - begun < RACE_LONGEST);
}

static void await_other(void)
{
	const unsigned before = atomic_load(&turns);

	while (!alone && atomic_load(&turns) == before)
		sched_yield();
}

__attribute__((unused)) static void end_race(void)
{
	struct truth line;

	atomic_store(&done, true);
	line = truth_begin("raced");
	truth_number(&line, "pid", getpid());
	truth_number(&line, "alone", alone);
	truth_end(&line);
}

#endif
