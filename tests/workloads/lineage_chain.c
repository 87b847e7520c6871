/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Ancestors with names of their own. "deep": twenty programs, each the child of the one before.
 * "forks": children that never execute stand between. "dead": every ancestor but the root has ended.
 * "renamed": an ancestor executes again while its child lives.
 */
#include "truth.h"

static const int kDepth = 20;

static void link_as(const char *name)
{
	if (symlink(sibling("lineage_chain"), name) && errno != EEXIST)
		die(name);
}

static void exec_link(const char *mode, int level)
{
	char path[32];
	char number[16];
	char *argv[] = {"lineage_chain", (char *)mode, number, NULL};

	snprintf(path, sizeof(path), "./n%d", level);
	snprintf(number, sizeof(number), "%d", level);
	link_as(path + 2);
	call_exec(mode, path, argv);
}

static void exec_leaf(const char *mode)
{
	char *argv[] = {"print_self", (char *)mode, NULL};

	call_exec("leaf", sibling("print_self"), argv);
}

static void await_new_parent(pid_t old_parent)
{
	while (getppid() == old_parent)
		sched_yield();
}

static int go_deep(const char *mode, int level)
{
	pid_t pid = fork_or_die();

	if (pid == 0) {
		if (level == kDepth)
			exec_leaf(mode);
		exec_link(mode, level + 1);
	}
	await_child(pid);
	return 0;
}

/* n1, then three processes that only forked, then the leaf. */
static int go_by_forks(const char *mode, int level)
{
	if (level == 0) {
		pid_t pid = fork_or_die();
		if (pid == 0)
			exec_link(mode, 1);
		await_child(pid);
		return 0;
	}
	for (int forks = 0; forks < 4; forks++) {
		pid_t pid = fork_or_die();
		if (pid) {
			await_child(pid);
			_exit(0);
		}
	}
	exec_leaf(mode);
	return 0;
}

/* Each link waits until its parent is gone before it goes on; the root waits for the pipe's end. */
static int go_on_dead(const char *mode, int level)
{
	int ends[2];
	char byte;
	pid_t own = getpid();

	if (level == 0 && pipe(ends))
		die("pipe");
	pid_t pid = fork_or_die();
	if (pid == 0) {
		if (level > 0)
			await_new_parent(own);
		if (level == 5)
			exec_leaf(mode);
		exec_link(mode, level + 1);
	}
	if (level == 0) {
		close(ends[1]);
		await_child(pid);
		if (read(ends[0], &byte, 1) != 0)
			die("read end of chain");
	}
	return 0;
}

/* n1 forks, then becomes n2; only then its child executes. A pipe that closed with the exec would let it go too early:
 * that comes before the exec is told. */
static int rename_ancestor(const char *mode, int level)
{
	int ends[2];
	char byte;

	if (level == 2) {
		close_range(3, ~0U, 0);
		while (wait(NULL) > 0)
			;
		return 0;
	}
	if (level == 1 && pipe(ends))
		die("pipe");
	pid_t pid = fork_or_die();
	if (level == 0) {
		if (pid == 0)
			exec_link(mode, 1);
		await_child(pid);
		return 0;
	}
	if (pid == 0) {
		close(ends[1]);
		if (read(ends[0], &byte, 1) != 0)
			die("read");
		exec_leaf(mode);
	}
	exec_link(mode, 2);
	return 0;
}

int main(int argc, char *argv[])
{
	const char *mode = argc > 1 ? argv[1] : "deep";
	int level = argc > 2 ? atoi(argv[2]) : 0;

	if (!strcmp(mode, "deep"))
		return go_deep(mode, level);
	if (!strcmp(mode, "forks"))
		return go_by_forks(mode, level);
	if (!strcmp(mode, "dead"))
		return go_on_dead(mode, level);
	return rename_ancestor(mode, level);
}
