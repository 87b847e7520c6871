/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * tty_session MODE TERMINAL: a session leader on a terminal.
 *   first  takes the terminal before it is let go; then a child executes, and a child that has left
 *          the session
 *   later  takes the terminal when it is let go, and executes on it
 */
#include "truth.h"

#include <sys/ioctl.h>

static void take_terminal(const char *path)
{
	int terminal = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (terminal < 0 || ioctl(terminal, TIOCSCTTY, 0))
		die(path);
}

static void exec_outside_session(void)
{
	char *argv[] = {"print_self", "left the session", NULL};
	pid_t pid = fork_or_die();

	if (pid == 0) {
		if (setsid() < 0)
			die("setsid");
		call_exec("left", sibling("print_self"), argv);
	}
	await_child(pid);
}

int main(int argc, char *argv[])
{
	char *inside[] = {"print_self", "on the terminal", NULL};

	if (argc < 3)
		return 2;
	if (setsid() < 0)
		die("setsid");
	/* The terminal going away must not end the session before it has told its truth. */
	signal(SIGHUP, SIG_IGN);
	if (!strcmp(argv[1], "first"))
		take_terminal(argv[2]);
	await_go();
	if (!strcmp(argv[1], "later")) {
		exec_in_child("before", sibling("print_self"), inside);
		take_terminal(argv[2]);
		call_exec("later", sibling("print_self"), inside);
	}
	exec_in_child("inside", sibling("print_self"), inside);
	exec_outside_session();
	return 0;
}
