/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Runs a program in another pid namespace, and passes SIGINT on to it:
 *
 *   in_pid_namespace own-proc|other-proc|no-proc PROGRAM [ARG...]   a new one, below an init; says its init's pid here.
 *                                                                   Its /proc is its own, that of before, or none. It
 *                                                                   stays until everything in it has ended.
 *   in_pid_namespace PID PROGRAM [ARG...]                           the one of that process: the parent is outside
 */
#include "truth.h"

#include <stdbool.h>
#include <sys/mount.h>

static sigset_t awaited;

static int serve(pid_t program)
{
	siginfo_t info;
	int status = 0;

	while (true) {
		if (sigwaitinfo(&awaited, &info) == SIGINT)
			kill(program, SIGINT);
		for (pid_t gone; (gone = waitpid(-1, &status, WNOHANG)) > 0;)
			if (gone == program)
				return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	}
}

static void become(char *argv[])
{
	sigprocmask(SIG_UNBLOCK, &awaited, NULL);
	execv(argv[0], argv);
	die(argv[0]);
}

/* The namespace ends with its init. */
static void await_solitude(void)
{
	const struct timespec pause = {.tv_nsec = 10 * 1000 * 1000};

	while (kill(-1, 0) == 0) {
		sigtimedwait(&awaited, NULL, &pause);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
}

static int be_init(const char *proc, char *argv[])
{
	pid_t program;
	int status;

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		die("make mounts private");
	if (!strcmp(proc, "own-proc") && mount("proc", "/proc", "proc", 0, NULL))
		die("mount /proc");
	if (!strcmp(proc, "no-proc") && mount("none", "/proc", "tmpfs", 0, NULL))
		die("hide /proc");
	program = fork_or_die();
	if (program == 0)
		become(argv);
	status = serve(program);
	await_solitude();
	return status;
}

static void enter(const char *pid, const char *kind, int type)
{
	char path[64];
	int fd;

	snprintf(path, sizeof path, "/proc/%s/ns/%s", pid, kind);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, type))
		die(path);
	close(fd);
}

int main(int argc, char *argv[])
{
	bool is_new;
	pid_t inside;

	if (argc < 3)
		return 2;
	is_new = strchr("0123456789", argv[1][0]) == NULL;
	sigemptyset(&awaited);
	sigaddset(&awaited, SIGINT);
	sigaddset(&awaited, SIGCHLD);
	sigprocmask(SIG_BLOCK, &awaited, NULL);
	if (is_new) {
		if (unshare(CLONE_NEWPID | CLONE_NEWNS))
			die("unshare");
	} else {
		char *cwd = current_directory();

		enter(argv[1], "pid", CLONE_NEWPID);
		enter(argv[1], "mnt", CLONE_NEWNS);
		if (chdir(cwd))
			die(cwd);
	}
	inside = fork_or_die();
	/* nothing stays behind if a test ends this early */
	if (inside == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL))
		die("prctl");
	if (inside == 0 && is_new)
		_exit(be_init(argv[1], argv + 2));
	if (inside == 0)
		become(argv + 2);
	if (is_new) {
		struct truth line = truth_begin("namespace");

		truth_number(&line, "init", inside);
		truth_end(&line);
	}
	return serve(inside);
}
