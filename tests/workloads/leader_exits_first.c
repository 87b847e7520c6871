/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The main thread ends before its process does. The process ends with its last thread; whose status
 * counts where nobody called exit_group has changed between kernels, so the parent's wait tells.
 */
#include "truth.h"

#include <pthread.h>

enum ending { END_GROUP, END_THREAD, END_EXEC, END_SIGNAL, END_FORKS };

static const char *const ending_names[] = {"group", "thread", "exec", "signal", "forks"};

/* Looked up early: with the leader gone, /proc/self/exe is gone too. */
static char *program;

static void await_zombie_leader(void)
{
	char path[64];
	char stat[256];

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", getpid());
	for (;;) {
		int file = open(path, O_RDONLY | O_CLOEXEC);
		ssize_t count = file < 0 ? -1 : read(file, stat, sizeof(stat) - 1);

		if (count <= 0)
			die(path);
		close(file);
		stat[count] = '\0';
		if (strstr(stat, ") Z "))
			return;
		sched_yield();
	}
}

static void fork_after_leader(void)
{
	char *argv[] = {"print_self", "after the leader", NULL};

	exec_in_child("forks", program, argv);
}

static void say_last_thread_lives(enum ending how)
{
	/* Far enough from the leader's end that a report of that instead is told apart by its time. */
	struct timespec distance = {.tv_nsec = 20000000};
	struct truth line = truth_begin("last");

	nanosleep(&distance, NULL);
	truth_string(&line, "case", ending_names[how]);
	truth_number(&line, "pid", getpid());
	truth_number(&line, "tid", thread_id());
	truth_number(&line, "realtime", now_ns(CLOCK_REALTIME));
	truth_end(&line);
}

static void *outlive_leader(void *argument)
{
	enum ending how = *(enum ending *)argument;
	char *argv[] = {"print_self", "leader is a zombie", NULL};

	await_zombie_leader();
	say_last_thread_lives(how);
	switch (how) {
	case END_GROUP:
		syscall(SYS_exit_group, 7);
		break;
	case END_THREAD:
		syscall(SYS_exit, 5);
		break;
	case END_EXEC:
		call_exec("exec", program, argv);
	case END_SIGNAL:
		kill(getpid(), SIGKILL);
		break;
	case END_FORKS:
		fork_after_leader();
		syscall(SYS_exit_group, 9);
		break;
	}
	return NULL;
}

static void end_leader(enum ending how)
{
	pthread_t worker;

	if (pthread_create(&worker, NULL, outlive_leader, &how))
		die("pthread_create");
	if (how == END_GROUP)
		pthread_exit(NULL);
	syscall(SYS_exit, 3);
}

int main(void)
{
	program = sibling("print_self");
	for (enum ending how = END_GROUP; how <= END_FORKS; how++) {
		pid_t pid = fork_or_die();

		if (pid == 0)
			end_leader(how);
		await_child(pid);
	}
	return 0;
}
