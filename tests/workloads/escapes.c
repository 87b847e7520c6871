/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * escapes: every way in which a process can get away from the one that made it. Each case executes print_self with its
 * name; the last is the process itself, from a thread.
 */
#include "truth.h"

#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>

static int all_ended[2]; /* who is under way has its second end, which an exec leaves open */

__attribute__((noreturn)) static void execute(char *name)
{
	char *argv[] = {"print_self", name, NULL};

	call_exec(name, sibling("print_self"), argv);
}

static pid_t clone_or_die(unsigned long flags)
{
	pid_t pid = (pid_t)syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);

	if (pid < 0)
		die("clone");
	return pid;
}

/* The child is orphaned before it runs, or while it does. */
static void orphan(char *name)
{
	if (fork_or_die() == 0)
		execute(name);
	_exit(0);
}

static void daemon_of_old(char *name)
{
	if (fork_or_die())
		_exit(0);
	if (setsid() < 0)
		die("setsid");
	if (fork_or_die())
		_exit(0);
	execute(name);
}

/* A child of whoever started the workload; then a hundred times. */
static void sibling_of_root(char *name)
{
	if (clone_or_die(CLONE_PARENT))
		_exit(0);
	execute(name);
}

static void siblings_of_siblings(char *name)
{
	for (int i = 0; i < 100; i++)
		if (clone_or_die(CLONE_PARENT))
			_exit(0);
	execute(name);
}

/* A process that shares everything but is none of its threads. */
static void sharing(char *name)
{
	if (clone_or_die(CLONE_VM | CLONE_VFORK | CLONE_FILES | CLONE_FS | CLONE_SIGHAND) == 0)
		execute(name);
	_exit(0);
}

static void *forks(void *name)
{
	if (fork_or_die() == 0)
		execute(name);
	_exit(0);
}

static void *starts_thread(void *name)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, forks, name))
		die("pthread_create");
	return NULL;
}

/* By a thread whose creator, and the main thread, have ended. */
static void by_last_thread(char *name)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, starts_thread, name))
		die("pthread_create");
	syscall(SYS_exit, 0);
}

/* Whose orphans go to a process that asked for them. */
static void to_subreaper(char *name)
{
	if (prctl(PR_SET_CHILD_SUBREAPER, 1))
		die("PR_SET_CHILD_SUBREAPER");
	pid_t pid = fork_or_die();
	if (pid == 0)
		orphan(name);
	while (wait(NULL) > 0)
		;
	_exit(0);
}

static void of_tracer(char *name)
{
	sigset_t child;

	/* a signal would stop it, for a tracer that does not look */
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &child, NULL) || ptrace(PTRACE_TRACEME, 0, 0, 0))
		die("PTRACE_TRACEME");
	orphan(name);
}

/* The first process of a pid namespace, one that enters it, and one that was made there. */
static void in_new_namespace(char *name)
{
	if (unshare(CLONE_NEWPID) || unshare(CLONE_NEWNS))
		die("unshare");
	orphan(name);
}

static void into_namespace(char *name)
{
	pid_t first = clone_or_die(CLONE_NEWPID);
	char path[64];
	int space;

	if (first == 0) {
		pause();
		_exit(0);
	}
	snprintf(path, sizeof(path), "/proc/%d/ns/pid", first);
	space = open(path, O_RDONLY | O_CLOEXEC);
	if (space < 0 || setns(space, CLONE_NEWPID))
		die("setns");
	/* the namespace ends with its first process, and all in it */
	pid_t pid = fork_or_die();
	if (pid == 0)
		execute(name);
	waitpid(pid, NULL, 0);
	kill(first, SIGKILL);
	_exit(0);
}

/* One level deeper with each: as many as the kernel allows (MAX_PID_NS_LEVEL is 32), or nearly. */
static void deep_in_namespaces(char *name)
{
	for (int level = 0; level < 20; level++) {
		pid_t pid = clone_or_die(CLONE_NEWPID);

		if (pid) {
			waitpid(pid, NULL, 0);
			_exit(0);
		}
	}
	execute(name);
}

/* Gets a terminal and gives it up. */
static void on_terminal(char *name)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), terminal;

	if (fork_or_die())
		_exit(0);
	if (setsid() < 0 || master < 0 || grantpt(master) || unlockpt(master))
		die("posix_openpt");
	terminal = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	signal(SIGHUP, SIG_IGN);
	if (terminal < 0 || ioctl(terminal, TIOCSCTTY, 0) || ioctl(terminal, TIOCNOTTY))
		die("terminal");
	execute(name);
}

static void as_other_user(char *name)
{
	if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534))
		die("setresuid");
	orphan(name);
}

static const struct {
	char *name;
	void (*escape)(char *name);
} escapes[] = {
	{"orphan", orphan},
	{"daemon", daemon_of_old},
	{"sibling", sibling_of_root},
	{"sibling of siblings", siblings_of_siblings},
	{"sharing everything", sharing},
	{"by the last thread", by_last_thread},
	{"to a subreaper", to_subreaper},
	{"of a tracer", of_tracer},
	{"in a new pid namespace", in_new_namespace},
	{"into a pid namespace", into_namespace},
	{"deep in pid namespaces", deep_in_namespaces},
	{"without its terminal", on_terminal},
	{"as another user", as_other_user},
};

static void *execute_in_thread(void *name)
{
	execute(name);
}

int main(void)
{
	pthread_t thread;
	char byte;

	await_go();
	if (pipe(all_ended))
		die("pipe");
	for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
		pid_t pid = fork_or_die();

		if (pid == 0)
			escapes[i].escape(escapes[i].name);
		waitpid(pid, NULL, 0);
	}
	close(all_ended[1]);
	if (read(all_ended[0], &byte, 1) != 0)
		die("read");
	if (pthread_create(&thread, NULL, execute_in_thread, "the process itself"))
		die("pthread_create");
	pthread_join(thread, NULL);
	return 0;
}
