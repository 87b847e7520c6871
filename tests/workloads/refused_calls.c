/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Calls that a filter of seccomp refuses with a signal: they never run. Each in a process of its own, once ended by the
 * filter and once trapped. Says what was called, and by whom; and that nothing of it has happened.
 */
#include "filters.h"

#include <stdbool.h>

#define LENGTH(table) (sizeof(table) / sizeof(*(table)))
#define LONG(value) ((long)(value))

static int file; /* "written", open for reading and writing */

struct call {
	const char *event; /* "" for a read: nothing is told of it */
	long number;
	long arguments[6];
};

static void call_it(const struct call *call)
{
	const long *a = call->arguments;

	syscall(call->number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

static void refuse(const struct call *call, unsigned int verdict)
{
	struct truth line = truth_begin("refused");
	pid_t pid = fork_or_die();
	int status;

	if (pid == 0) {
		filter_call(call->number, verdict, 0);
		call_it(call);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid || WIFSIGNALED(status) != (verdict == SECCOMP_RET_KILL_PROCESS))
		die("the filter had no effect");
	truth_string(&line, "event", call->event);
	truth_number(&line, "pid", pid);
	truth_number(&line, "trapped", verdict == SECCOMP_RET_TRAP);
	truth_end(&line);
}

/* What looks like a refused call and is none: a signal that the program sends itself waits while a call returns what a
 * refused one would: its number, or its first argument. Says what was written. */
static void pretend(void)
{
	const pid_t pid = fork_or_die();
	long written = 0, calls = 0;

	if (pid == 0) {
		siginfo_t info = {.si_signo = SIGSYS, .si_code = 1 /* SYS_SECCOMP */};
		const size_t lengths[] = {SYS_write, (size_t)file, 2};
		sigset_t set;
		char bytes[512] = {0};
		struct truth line = truth_begin("pretended");

		filter_call(SYS_personality, SECCOMP_RET_KILL_PROCESS, 0);
		sigemptyset(&set);
		sigaddset(&set, SIGSYS);
		if (sigprocmask(SIG_BLOCK, &set, NULL) ||
		    syscall(SYS_rt_tgsigqueueinfo, getpid(), getpid(), SIGSYS, &info))
			die("pretend");
		for (size_t i = 0; i < LENGTH(lengths); i++, calls++)
			written += write(file, bytes, lengths[i]);
		truth_number(&line, "pid", getpid());
		truth_number(&line, "writes", calls);
		truth_number(&line, "bytes", written);
		truth_end(&line);
		_exit(0);
	}
	if (waitpid(pid, NULL, 0) != pid)
		die("waitpid");
}

static bool is_there(const char *name)
{
	return access(name, F_OK) == 0;
}

int main(void)
{
	static char victim[] = "victim", made[] = "made", moved[] = "moved", program[] = "/bin/true", bytes[10];
	static char *const argv[] = {program, NULL};
	const struct call calls[] = {
		{"unlink", SYS_unlinkat, {AT_FDCWD, LONG(victim), 0}},
		{"open", SYS_openat, {AT_FDCWD, LONG(made), O_RDWR | O_CREAT, 0600}},
		{"open", SYS_openat, {file, LONG(made), O_RDWR | O_CREAT, 0600}},
		{"rename", SYS_renameat2, {AT_FDCWD, LONG(victim), AT_FDCWD, LONG(moved), 0}},
		{"truncate", SYS_ftruncate, {3, 1000}},
		{"write", SYS_write, {3, LONG(bytes), sizeof(bytes)}},
		{"read", SYS_pread64, {3, LONG(bytes), sizeof(bytes), 0}},
		{"exec", SYS_execve, {LONG(program), LONG(argv), LONG(environ)}},
	};
	const unsigned int verdicts[] = {SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_TRAP};
	struct truth line;
	struct stat status;

	write_file(victim, "v", 0600);
	refuse_when_trapped();
	file = open("written", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (file != 3)
		die("written is not the first descriptor");
	for (size_t i = 0; i < LENGTH(verdicts); i++) {
		for (size_t j = 0; j < LENGTH(calls); j++)
			refuse(&calls[j], verdicts[i]);
	}
	if (!is_there(victim) || is_there(made) || is_there(moved) || fstat(file, &status) || status.st_size)
		die("something was done");
	pretend();
	line = truth_begin("done");
	truth_number(&line, "calls", LENGTH(verdicts) * LENGTH(calls));
	truth_end(&line);
	return 0;
}
