/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * One process id is used twice in one tree: first below branch_a, then below branch_b. The second
 * one's ancestors must not be the first one's.
 */
#include "truth.h"

#include "chosen_pid.h"

static void exec_role(const char *role, const char *number)
{
	char path[64];
	char *argv[] = {(char *)role, (char *)number, NULL};

	snprintf(path, sizeof(path), "./%s", role);
	call_exec(role, path, argv);
}

static int run_branch(const char *leaf, pid_t wanted)
{
	pid_t pid = wanted ? fork_as(wanted) : fork_or_die();

	if (pid == 0)
		exec_role(leaf, "0");
	await_child(pid);
	/* The pid is the answer to the root, which cannot see it otherwise. */
	int answer = open("answer", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (answer < 0 || dprintf(answer, "%d", pid) < 0)
		die("answer");
	return 0;
}

static int run_leaf(const char *name)
{
	char *argv[] = {"print_self", (char *)name, NULL};

	exec_in_child(name, sibling("print_self"), argv);
	return 0;
}

static const char *read_answer(void)
{
	static char text[32];
	int answer = open("answer", O_RDONLY | O_CLOEXEC);

	if (answer < 0 || read(answer, text, sizeof(text) - 1) <= 0)
		die("answer");
	close(answer);
	return text;
}

static void run_role(const char *role, const char *number)
{
	pid_t pid = fork_or_die();

	if (pid == 0)
		exec_role(role, number);
	await_child(pid);
}

int main(int argc, char *argv[])
{
	static const char *const roles[] = {"branch_a", "branch_b", "leaf_a", "leaf_b"};
	const char *own = argc > 1 ? argv[0] : "root";

	if (!strcmp(own, "branch_a"))
		return run_branch("leaf_a", 0);
	if (!strcmp(own, "branch_b"))
		return run_branch("leaf_b", atoi(argv[1]));
	if (!strncmp(own, "leaf", 4))
		return run_leaf(own);
	for (int i = 0; i < 4; i++) {
		if (symlink(sibling("reused_pid_in_tree"), roles[i]))
			die(roles[i]);
	}
	run_role("branch_a", "0");
	run_role("branch_b", read_answer());
	return 0;
}
