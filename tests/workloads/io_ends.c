/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Each case in a process of its own: writes three times to a file, ends its descriptor in some way, and says by a mkdir
 * "CASE.acted" that it has. Those that execute say it before, and the new program says "CASE.again" as its first deed.
 * What still has the descriptor then writes to it once more.
 */
#include "truth.h"

#include <pthread.h>
#include <spawn.h>
#include <stdbool.h>

enum { FD = 20, OTHER = 21, WRITES = 3, BYTES = 5 };

static const char *current;

static void mark(const char *what)
{
	char name[64];

	snprintf(name, sizeof(name), "%s.%s", current, what);
	if (mkdir(name, 0700))
		die(name);
}

static bool write_once(int fd)
{
	return write(fd, "12345", BYTES) == BYTES;
}

static void open_as(const char *name, int fd, int flags)
{
	int opened = open(name, O_WRONLY | O_CREAT | flags, 0600);

	if (opened < 0 || dup3(opened, fd, flags & O_CLOEXEC) != fd || close(opened))
		die(name);
}

static void close_it(void)
{
	close(FD);
}

static void dup2_over(void)
{
	dup2(OTHER, FD);
}

static void dup3_over(void)
{
	dup3(OTHER, FD, O_CLOEXEC);
}

/* Open on the same file as before, yet closed between. */
static void dup2_of_its_duplicate(void)
{
	int copy = dup(FD);

	dup2(copy, FD);
	close(copy);
}

static void dup2_itself(void)
{
	dup2(FD, FD);
}

static void dup3_refused(void)
{
	dup3(OTHER, FD, O_NONBLOCK);
}

static void dup2_of_nothing(void)
{
	dup2(999, FD);
}

static void close_another(void)
{
	close(OTHER);
}

static void close_duplicate(void)
{
	close(dup(FD));
}

static void range(void)
{
	close_range(FD - 3, FD, 0);
}

static void range_to_the_end(void)
{
	close_range(FD, ~0U, 0);
}

static void range_of_others(void)
{
	close_range(OTHER, ~0U, 0);
}

static void range_unshared(void)
{
	close_range(FD, FD + 9, CLOSE_RANGE_UNSHARE);
}

static void range_refused(void)
{
	close_range(FD, FD, 64);
}

static void range_cloexec(void)
{
	close_range(FD, FD, CLOSE_RANGE_CLOEXEC);
}

static void range_cloexec_unshared(void)
{
	close_range(FD, ~0U, CLOSE_RANGE_CLOEXEC | CLOSE_RANGE_UNSHARE);
}

static void set_cloexec(void)
{
	fcntl(FD, F_SETFD, FD_CLOEXEC);
}

static void failed_exec(void)
{
	char *argv[] = {"missing", NULL};

	fcntl(FD, F_SETFD, FD_CLOEXEC);
	execv("./missing", argv);
}

static void child_closes(void)
{
	pid_t pid = fork_or_die();

	if (pid == 0) {
		close(FD);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

static void spawned_child(void)
{
	char *argv[] = {sibling("io_ends"), "does", "nothing", NULL};
	pid_t pid;

	fcntl(FD, F_SETFD, FD_CLOEXEC);
	if (posix_spawn(&pid, argv[0], NULL, NULL, argv, environ))
		die("posix_spawn");
	waitpid(pid, NULL, 0);
}

static void *exit_from_thread(void *unused)
{
	exit(0);
	return unused;
}

static void exit_in_thread(void)
{
	pthread_t thread;

	mark("acted");
	pthread_create(&thread, NULL, exit_from_thread, NULL);
	for (;;)
		pause();
}

static void nothing(void)
{
}

static void killed(void)
{
	mark("acted");
	raise(SIGKILL);
}

static void crashed(void)
{
	mark("acted");
	raise(SIGSEGV);
}

static const struct {
	const char *name;
	void (*act)(void);
	bool executes;
} cases[] = {
	{"close", close_it, false},
	{"dup2", dup2_over, false},
	{"dup3", dup3_over, false},
	{"dup2_of_its_duplicate", dup2_of_its_duplicate, false},
	{"dup2_itself", dup2_itself, false},
	{"dup3_refused", dup3_refused, false},
	{"dup2_of_nothing", dup2_of_nothing, false},
	{"close_another", close_another, false},
	{"close_duplicate", close_duplicate, false},
	{"range", range, false},
	{"range_to_the_end", range_to_the_end, false},
	{"range_of_others", range_of_others, false},
	{"range_unshared", range_unshared, false},
	{"range_refused", range_refused, false},
	{"range_cloexec", range_cloexec, true},
	{"range_cloexec_unshared", range_cloexec_unshared, true},
	{"set_cloexec", set_cloexec, true},
	{"failed_exec", failed_exec, false},
	{"executed_open", nothing, true},
	{"child_closes", child_closes, false},
	{"spawned_child", spawned_child, false},
	{"exit_in_thread", exit_in_thread, false},
	{"exit", nothing, false},
	{"killed", killed, false},
	{"crashed", crashed, false},
};

static void run_case(int index)
{
	char number[16], name[64];
	char *argv[] = {sibling("io_ends"), number, NULL};

	snprintf(name, sizeof(name), "%s.file", current);
	open_as("other", OTHER, 0);
	open_as(name, FD, 0);
	for (int i = 0; i < WRITES; i++) {
		if (!write_once(FD))
			die(name);
	}
	cases[index].act();
	mark("acted");
	if (!cases[index].executes) {
		write_once(FD);
		_exit(0);
	}
	snprintf(number, sizeof(number), "%d", index);
	execv(argv[0], argv);
	die("exec");
}

int main(int argc, char *argv[])
{
	if (argc == 2) {
		current = cases[atoi(argv[1])].name;
		mark("again");
		write_once(FD);
		_exit(0);
	}
	if (argc == 3)
		return 0;
	for (int i = 0; i < (int)(sizeof(cases) / sizeof(cases[0])); i++) {
		pid_t pid = fork_or_die();

		current = cases[i].name;
		if (pid == 0)
			run_case(i);
		await_child(pid);
		struct truth line = truth_begin("case");
		truth_string(&line, "name", current);
		truth_number(&line, "pid", pid);
		truth_end(&line);
	}
	return 0;
}
