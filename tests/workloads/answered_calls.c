/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Calls that somebody answers in the kernel's place: a supervisor of seccomp, or a tracer (PTRACE_SYSEMU); and the same
 * calls where nobody does. Each in a process of its own. Says what was called, whether it ran, and what there is to see
 * of it: "ran", "not" (a descriptor that is not there), or "perhaps".
 */
#include "filters.h"

#include <elf.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

#ifndef PTRACE_SYSEMU
#define PTRACE_SYSEMU 31 /* arch/{x86,arm64}/include/uapi/asm/ptrace.h */
#endif
#define LONG(value) ((long)(value))

static char victim[] = "victim", asked[] = "asked", bytes[10];
static int other; /* a file of the supervisor's */

struct call {
	const char *event;
	long number;
	long arguments[6];
};

static const struct call kUnlink = {"unlink", SYS_unlinkat, {AT_FDCWD, LONG(victim), 0}};
static const struct call kOpen = {"open", SYS_openat, {AT_FDCWD, LONG(asked), O_RDWR}};
static const struct call kWrite = {"write", SYS_pwrite64, {3, LONG(bytes), sizeof(bytes), 0}};

static long call_it(const struct call *call)
{
	const long *a = call->arguments;

	return syscall(call->number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

static void tell(const char *name, const struct call *call, pid_t pid, const char *seen)
{
	struct truth line = truth_begin("answered");

	truth_string(&line, "case", name);
	truth_string(&line, "event", call->event);
	truth_number(&line, "pid", pid);
	truth_string(&line, "seen", seen);
	truth_end(&line);
}

enum answer {
	NOBODY, /* a filter without a supervisor, which lets the call run */
	RUN, /* the supervisor lets it run */
	RESULT, /* and this is its result */
	FILE_OF_OWN, /* a descriptor of the supervisor's file */
};

static void answer_it(int supervisor, enum answer answer, long result)
{
	struct seccomp_notif asked_for = {0};
	struct seccomp_notif_resp response = {0};
	struct seccomp_notif_addfd own = {.flags = SECCOMP_ADDFD_FLAG_SEND, .srcfd = (unsigned int)other};

	if (ioctl(supervisor, SECCOMP_IOCTL_NOTIF_RECV, &asked_for))
		die("receive");
	response.id = own.id = asked_for.id;
	response.val = answer == RESULT ? result : 0;
	response.flags = answer == RUN ? SECCOMP_USER_NOTIF_FLAG_CONTINUE : 0;
	if (answer == FILE_OF_OWN ? ioctl(supervisor, SECCOMP_IOCTL_NOTIF_ADDFD, &own) < 0
				  : ioctl(supervisor, SECCOMP_IOCTL_NOTIF_SEND, &response) < 0)
		die("answer");
}

/* The filter itself makes up the result. */
static void make_up(const char *name, const struct call *call, unsigned int verdict, const char *seen)
{
	pid_t pid = fork_or_die();
	int status;

	if (pid == 0) {
		filter_call(call->number, verdict, 0);
		filter_call(SYS_personality, SECCOMP_RET_ALLOW, 0);
		call_it(call);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid || status)
		die("filtered");
	tell(name, call, pid, seen);
}

/* The filter is the child's alone; its supervisor's descriptor is found through /proc. */
static void supervise(const char *name, const struct call *call, enum answer answer, long result, const char *seen)
{
	int channel[2], supervisor, status, pidfd;
	pid_t pid;

	if (pipe2(channel, O_CLOEXEC))
		die("pipe");
	pid = fork_or_die();
	if (pid == 0) {
		supervisor = filter_call(call->number, answer == NOBODY ? SECCOMP_RET_ALLOW : SECCOMP_RET_USER_NOTIF,
					 answer == NOBODY ? 0 : SECCOMP_FILTER_FLAG_NEW_LISTENER);
		if (write(channel[1], &supervisor, sizeof(supervisor)) != sizeof(supervisor))
			die("tell");
		call_it(call);
		_exit(0);
	}
	if (read(channel[0], &supervisor, sizeof(supervisor)) != sizeof(supervisor))
		die("hear");
	if (answer != NOBODY) {
		pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
		supervisor = (int)syscall(SYS_pidfd_getfd, pidfd, supervisor, 0);
		if (supervisor < 0)
			die("the supervisor's descriptor");
		answer_it(supervisor, answer, result);
		close(supervisor);
		close(pidfd);
	}
	if (waitpid(pid, &status, 0) != pid || status)
		die("supervised");
	close(channel[0]);
	close(channel[1]);
	tell(name, call, pid, seen);
}

#if defined(__x86_64__)
#define RESULT_OF(registers) (registers).rax
#else
#define RESULT_OF(registers) (registers).regs[0]
#endif

static void resume(pid_t pid, int request)
{
	int status;

	if (ptrace(request, pid, 0, 0) || waitpid(pid, &status, 0) != pid)
		die("ptrace");
}

/* `request`: with PTRACE_SYSEMU the call does not run, and `result` is what it returns. */
static void trace(const char *name, const struct call *call, int request, long result, const char *seen)
{
	struct user_regs_struct registers;
	struct iovec place = {&registers, sizeof(registers)};
	pid_t pid = fork_or_die();
	int status;

	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		call_it(call);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid)
		die("waitpid");
	do {
		resume(pid, request);
		if (ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &place))
			die("registers");
#if defined(__x86_64__)
	} while ((long)registers.orig_rax != call->number);
#else
	} while ((long)registers.regs[8] != call->number);
#endif
	if (request == PTRACE_SYSEMU) {
		RESULT_OF(registers) = (unsigned long)result;
		if (ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &place))
			die("registers");
	}
	if (ptrace(PTRACE_CONT, pid, 0, 0) || waitpid(pid, &status, 0) != pid || status)
		die("traced");
	tell(name, call, pid, seen);
}

int main(void)
{
	struct stat status;

	write_file(victim, "v", 0600);
	write_file(asked, "a", 0600);
	other = open("other", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (other != 3)
		die("other is not the first descriptor");
	supervise("said to be done", &kUnlink, RESULT, 0, "perhaps");
	supervise("said to be written", &kWrite, RESULT, sizeof(bytes), "perhaps");
	supervise("nothing under the number", &kOpen, RESULT, 77, "not");
	supervise("another file under the number", &kOpen, RESULT, other, "perhaps");
	supervise("another file put there", &kOpen, FILE_OF_OWN, 0, "perhaps");
	supervise("opened after all", &kOpen, RUN, 0, "ran");
	supervise("opened, nobody asked", &kOpen, NOBODY, 0, "ran");
	supervise("written, nobody asked", &kWrite, NOBODY, 0, "ran");
	make_up("made up", &kUnlink, SECCOMP_RET_ERRNO, "perhaps");
	make_up("made up", &kWrite, SECCOMP_RET_ERRNO, "perhaps");
	make_up("logged", &kWrite, SECCOMP_RET_LOG, "ran");
	trace("said to be done", &kUnlink, PTRACE_SYSEMU, 0, "perhaps");
	trace("said to be written", &kWrite, PTRACE_SYSEMU, sizeof(bytes), "perhaps");
	trace("nothing under the number", &kOpen, PTRACE_SYSEMU, 77, "not");
	trace("another file under the number", &kOpen, PTRACE_SYSEMU, other, "perhaps");
	trace("opened while looked at", &kOpen, PTRACE_SYSCALL, 0, "ran");
	if (access(victim, F_OK) || fstat(other, &status) || status.st_size != sizeof(bytes))
		die("more or less was done than was meant");
	supervise("removed, nobody asked", &kUnlink, NOBODY, 0, "ran");
	return 0;
}
