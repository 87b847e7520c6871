/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * User and group differ, real and effective differ. argv[1]: a program that user may execute.
 */
#include "truth.h"

#include <grp.h>

struct ids {
	const char *name;
	uid_t real_user, effective_user;
	gid_t real_group, effective_group;
};

static const struct ids cases[] = {
	{"group_differs", 4321, 4321, 1234, 1234},
	{"effective_differs", 4321, 5432, 1234, 2345},
	{"large", 4000000000u, 4000000000u, 3000000000u, 3000000000u},
};

static void exec_as(const struct ids *ids, const char *program)
{
	char *argv[] = {"print_self", (char *)ids->name, NULL};

	if (setgroups(0, NULL) || setresgid(ids->real_group, ids->effective_group, ids->real_group) ||
	    setresuid(ids->real_user, ids->effective_user, ids->real_user))
		die("set ids");
	call_exec(ids->name, program, argv);
}

int main(int argc, char *argv[])
{
	if (argc < 2)
		return 2;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		pid_t pid = fork_or_die();

		if (pid == 0)
			exec_as(&cases[i], argv[1]);
		await_child(pid);
	}
	return 0;
}
