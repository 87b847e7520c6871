/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Calls that run and look as if seccomp had refused them: each returns what a refused one would (its number), and while
 * it returns, the signal of a filter waits for the task, not blocked. The task has sent it to itself; its tracer has
 * unblocked it at the entry of the call. Makes the file `hidden` and writes BYTES to it, one by one.
 */
#include "filters.h"

#include <stdbool.h>
#include <sys/ptrace.h>

#define BYTES "hidden"
#define LET_GO (SIGTRAP | 0x80) /* PTRACE_O_TRACESYSGOOD */

static void send_signal_of_filter(void)
{
	siginfo_t info = {.si_signo = SIGSYS, .si_code = 1 /* SYS_SECCOMP */};

	if (syscall(SYS_rt_tgsigqueueinfo, getpid(), syscall(SYS_gettid), SIGSYS, &info))
		die("rt_tgsigqueueinfo");
	/* the tracer waits for the next call */
	raise(SIGSTOP);
}

static void ignore(int number)
{
	(void)number;
}

static void forge(void)
{
	struct sigaction action = {.sa_handler = ignore};
	sigset_t set;
	long fd;

	filter_call(SYS_personality, SECCOMP_RET_KILL_PROCESS, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGSYS);
	if (sigaction(SIGSYS, &action, NULL) || sigprocmask(SIG_BLOCK, &set, NULL) ||
	    ptrace(PTRACE_TRACEME, 0, NULL, NULL))
		die("prepare");
	/* the lowest number that is free is that of the call */
	for (int i = 3; i < SYS_openat; i++)
		if (dup2(STDIN_FILENO, i) != i)
			die("dup2");
	send_signal_of_filter();
	fd = syscall(SYS_openat, AT_FDCWD, "hidden", O_CREAT | O_TRUNC | O_WRONLY, 0600);
	if (fd != SYS_openat)
		die("open");
	for (size_t i = 0; i < strlen(BYTES); i++) {
		sigprocmask(SIG_BLOCK, &set, NULL);
		send_signal_of_filter();
		syscall(SYS_write, fd, &BYTES[i], 1);
	}
	_exit(0);
}

/* Stops at the entry of the call after each SIGSTOP, and takes the block away there. */
static void trace(pid_t pid)
{
	bool awaits_call = false;
	int status;

	while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
		const int number = WSTOPSIG(status);
		unsigned long none = 0;

		if (number == LET_GO && awaits_call) {
			struct __ptrace_syscall_info info;

			if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) < 0)
				die("PTRACE_GET_SYSCALL_INFO");
			if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
				if (ptrace(PTRACE_SETSIGMASK, pid, sizeof none, &none))
					die("PTRACE_SETSIGMASK");
				awaits_call = false;
			}
		} else if (number == SIGSTOP) {
			ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD);
			awaits_call = true;
		}
		if (ptrace(awaits_call ? PTRACE_SYSCALL : PTRACE_CONT, pid, NULL,
			   number == LET_GO || number == SIGSTOP ? 0L : (long)number))
			die("continue");
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		die("the child");
}

int main(void)
{
	struct truth line;
	struct stat info;
	pid_t pid = fork_or_die();

	if (pid == 0)
		forge();
	trace(pid);
	if (stat("hidden", &info) || info.st_size != (off_t)strlen(BYTES))
		die("nothing is hidden");
	line = truth_begin("hidden");
	truth_number(&line, "pid", pid);
	truth_number(&line, "bytes", info.st_size);
	truth_end(&line);
	return 0;
}
