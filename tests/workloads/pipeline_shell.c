/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * pipeline_shell SHELL TERMINAL AA-TRACE [ARG...]: what a shell on a terminal does that starts aa-trace in a pipeline.
 * In its arguments %m stands for the pid of a member that is in the pipeline before. groups   with job control: the
 * pipeline has a process group of its own closed   the same, but the shell does something else before the last member
 * of the pipeline comes script   without: all are in the shell's own group When the trace has begun, each case executes
 * print_self, or makes a file, with its name as the argument. Ends with aa-trace's exit status.
 */
#include "truth.h"

#include <stdbool.h>
#include <sys/ioctl.h>

#define GATES 3 /* processes that are there before the trace begins, and wait for their turn */

static pid_t group; /* of the pipeline; 0: everything is in one group */
static int gates[GATES][2];

static void take_terminal(const char *path)
{
	int terminal = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (setsid() < 0 || terminal < 0 || ioctl(terminal, TIOCSCTTY, 0))
		die(path);
	/* the terminal going away, or a job in the background that writes, must not end the session */
	signal(SIGHUP, SIG_IGN);
	signal(SIGTTOU, SIG_IGN);
}

/* Joins the process group, or makes a new one. */
static void join_group(pid_t wanted)
{
	if (setpgid(0, wanted))
		die("setpgid");
}

__attribute__((noreturn)) static void execute(char *name)
{
	char *argv[] = {"print_self", name, NULL};

	call_exec(name, sibling("print_self"), argv);
}

static void make_file(char *name)
{
	int file = open(name, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	struct truth line = truth_begin("made");

	if (file < 0)
		die(name);
	close(file);
	truth_string(&line, "case", name);
	truth_number(&line, "pid", getpid());
	truth_end(&line);
}

static void in_child(char *name, pid_t wanted, bool joins)
{
	pid_t pid = fork_or_die();

	if (pid == 0) {
		if (joins)
			join_group(wanted);
		execute(name);
	}
	await_child(pid);
}

static char await_gate(int gate)
{
	char byte;

	if (read(gates[gate][0], &byte, 1) != 1)
		die("gate");
	return byte;
}

static void open_gate(int gate, pid_t waits)
{
	if (write(gates[gate][1], "", 1) != 1)
		die("gate");
	await_child(waits);
}

/* A member of the pipeline from before: what it starts is one too, but not what leaves the group. */
static void be_member(void)
{
	await_gate(0);
	make_file("member");
	in_child("child of a member", 0, false);
	in_child("leaver", 0, true);
	execute("member executes");
}

/* Two processes of the session that were watched before the trace began. */
static void be_intruder(void)
{
	await_gate(1);
	make_file("before");
	join_group(group);
	make_file("after");
	in_child("child of an intruder", 0, false);
	execute("intruder");
}

/* Makes a child of the shell that the shell did not make. */
static void be_parent_of_sibling(void)
{
	pid_t pid;

	await_gate(2);
	pid = (pid_t)syscall(SYS_clone, SIGCHLD | CLONE_PARENT, 0, 0, 0, 0);
	if (pid < 0)
		die("clone");
	if (pid == 0) {
		join_group(group);
		execute("sibling of an intruder");
	}
	_exit(0);
}

static pid_t start_early(void (*be)(void), pid_t wanted, bool joins)
{
	pid_t pid = fork_or_die();

	if (pid == 0) {
		/* whatever goes wrong, nobody waits for ever */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (joins)
			join_group(wanted);
		be();
		_exit(0);
	}
	/* both sides, as shells do: whoever comes first */
	if (joins)
		setpgid(pid, wanted ? wanted : pid);
	return pid;
}

static pid_t start_aa_trace(char *argv[], pid_t member)
{
	char pid_text[16];
	pid_t pid;

	snprintf(pid_text, sizeof(pid_text), "%d", member);
	for (int i = 0; argv[i]; i++)
		if (!strcmp(argv[i], "%m"))
			argv[i] = pid_text;
	pid = fork_or_die();
	if (pid == 0) {
		if (group)
			join_group(group);
		execv(argv[0], argv);
		die(argv[0]);
	}
	if (group)
		setpgid(pid, group);
	return pid;
}

/* Its output, behind "-o", begins with the event `start` when everything is attached. */
static void await_start(char *argv[], pid_t aa_trace)
{
	const char *output = NULL;
	char line[4096];

	for (int i = 0; argv[i] && argv[i + 1]; i++)
		if (!strcmp(argv[i], "-o"))
			output = argv[i + 1];
	while (output) {
		int file = open(output, O_RDONLY | O_CLOEXEC);
		ssize_t length = file < 0 ? 0 : read(file, line, sizeof(line));

		if (file >= 0)
			close(file);
		if (length > 0 && memchr(line, '\n', (size_t)length))
			return;
		if (waitpid(aa_trace, NULL, WNOHANG) != 0)
			die("aa-trace did not start");
		usleep(1000);
	}
	die("no -o");
}

/* A member of several commands: { read x; print_self; } */
static void late_compound(char *name)
{
	pid_t pid = fork_or_die();

	if (pid == 0) {
		join_group(group);
		in_child(name, 0, false);
		_exit(0);
	}
	await_child(pid);
}

/* A job of its own that was started after the trace began, and joins when it has executed something. */
static void late_intruder(char *name)
{
	char group_text[16];
	char *argv[] = {"pipeline_shell", "join", group_text, name, NULL};
	pid_t pid = fork_or_die();

	snprintf(group_text, sizeof(group_text), "%d", group);
	if (pid == 0) {
		join_group(0);
		execv(sibling("pipeline_shell"), argv);
		die("execv");
	}
	await_child(pid);
}

static void act(bool builds, pid_t member, pid_t intruder, pid_t parent)
{
	int status;

	open_gate(0, member);
	if (group) {
		if (builds) {
			in_child("late member", group, true);
			late_compound("child of a late member");
		}
		in_child("job", 0, true);
		in_child("late for the pipeline", group, true);
		late_compound("child of one late for the pipeline");
		late_intruder("late intruder");
		open_gate(2, parent);
		/* only it can end now */
		if (wait(&status) < 0)
			die("wait");
	} else {
		in_child("command of the script", 0, false);
	}
	open_gate(1, intruder);
}

int main(int argc, char *argv[])
{
	pid_t member, intruder, parent = 0, aa_trace;
	int status;

	if (argc > 3 && !strcmp(argv[1], "join")) {
		join_group(atoi(argv[2]));
		make_file(argv[3]);
		in_child(argv[3], 0, false);
		return 0;
	}
	if (argc < 4)
		return 2;
	take_terminal(argv[2]);
	for (int i = 0; i < GATES; i++)
		if (pipe2(gates[i], O_CLOEXEC))
			die("pipe2");
	if (strcmp(argv[1], "script")) {
		member = start_early(be_member, 0, true);
		group = member;
	} else {
		member = start_early(be_member, 0, false);
	}
	intruder = start_early(be_intruder, 0, true);
	if (group)
		parent = start_early(be_parent_of_sibling, 0, true);
	aa_trace = start_aa_trace(argv + 3, member);
	await_start(argv + 3, aa_trace);
	act(!strcmp(argv[1], "groups"), member, intruder, parent);
	kill(aa_trace, SIGINT);
	if (waitpid(aa_trace, &status, 0) != aa_trace)
		die("waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}
