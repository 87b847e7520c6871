/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * attach_storm VARIANT LOG: forks and executes three levels deep, as fast as it can, until its stdin
 * ends. Each exec is written to LOG, with the time before the call, and has a number of its own.
 *   wait     every parent waits for its child
 *   threads  the same, and the root forks each time from a thread made for it
 *   adopted  parents end first; the root adopts the orphans, so they stay below it
 *   orphans  parents end first, and the orphans go to init
 */
#include "truth.h"

#include <poll.h>
#include <pthread.h>

enum { LEVELS = 3, AT_ONCE = 4 };

static char *variant;
static char *program;
static int tokens[2];

static void log_exec(int log, const char *id)
{
	char line[128];
	int length =
		snprintf(line, sizeof(line), "exec id=%s realtime=%lld pid=%d\n", id, now_ns(CLOCK_REALTIME), getpid());

	if (write(log, line, (size_t)length) != length)
		die("write log");
}

/* The descriptor numbers go along, since the log and the tokens are inherited. */
static void exec_level(int log, int level, const char *id)
{
	char numbers[3][16];
	char *argv[] = {program, variant, "--level", numbers[0], (char *)id, numbers[1], numbers[2], NULL};

	snprintf(numbers[0], sizeof(numbers[0]), "%d", level);
	snprintf(numbers[1], sizeof(numbers[1]), "%d", log);
	snprintf(numbers[2], sizeof(numbers[2]), "%d", tokens[1]);
	log_exec(log, id);
	execve(program, argv, environ);
	die("execve");
}

static int run_level(int level, const char *id, int log)
{
	char next[64];
	pid_t pid;

	if (level == LEVELS) {
		if (write(tokens[1], "t", 1) != 1)
			die("return token");
		return 0;
	}
	pid = fork_or_die();
	if (pid == 0) {
		snprintf(next, sizeof(next), "%s.%d", id, level + 1);
		exec_level(log, level + 1, next);
	}
	if ((!strcmp(variant, "wait") || !strcmp(variant, "threads")) && waitpid(pid, NULL, 0) != pid)
		die("waitpid");
	return 0;
}

static int is_over(void)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};

	return poll(&input, 1, 0) != 0;
}

static void take_token(void)
{
	char token;

	while (read(tokens[0], &token, 1) != 1) {
		if (errno != EINTR)
			die("take token");
	}
}

struct start {
	int log;
	long number;
};

static void *start_one(void *argument)
{
	const struct start *start = argument;
	char id[32];

	if (fork_or_die() == 0) {
		snprintf(id, sizeof(id), "r%ld", start->number);
		exec_level(start->log, 1, id);
	}
	return NULL;
}

static void start_in_thread(struct start *start)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, start_one, start) || pthread_join(thread, NULL))
		die("thread");
}

static void run_storm(int log)
{
	struct start start = {.log = log};

	for (; !is_over(); start.number++) {
		take_token();
		if (!strcmp(variant, "threads"))
			start_in_thread(&start);
		else
			start_one(&start);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
	for (int i = 0; i < AT_ONCE; i++)
		take_token();
	while (wait(NULL) > 0)
		;
}

int main(int argc, char *argv[])
{
	program = sibling("attach_storm");
	variant = argv[1];
	if (argc == 7) {
		tokens[1] = atoi(argv[6]);
		return run_level(atoi(argv[3]), argv[4], atoi(argv[5]));
	}
	if (argc != 3)
		return 2;
	int log = open(argv[2], O_WRONLY | O_CREAT | O_APPEND, 0644);
	if (log < 0 || pipe(tokens) || write(tokens[1], "tttt", AT_ONCE) != AT_ONCE)
		die("set up");
	if (!strcmp(variant, "adopted") && prctl(PR_SET_CHILD_SUBREAPER, 1))
		die("subreaper");
	/* On a machine with one processor the tracer would otherwise get a small part of it, and start for seconds. */
	if (nice(10) < 0)
		die("nice");
	struct truth line = truth_begin("ready");
	truth_number(&line, "pid", getpid());
	truth_end(&line);
	run_storm(log);
	return 0;
}
