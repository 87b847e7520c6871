/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Directories at the edges of what a path may be: long names, many components.
 */
#include "truth.h"

static void descend(size_t depth, size_t length)
{
	char name[NAME_MAX + 1];

	memset(name, 'd', length);
	name[length] = '\0';
	for (size_t level = 0; level < depth; level++) {
		if (mkdir(name, 0755) || chdir(name))
			die("descend");
	}
}

static void exec_below(const char *name, size_t depth, size_t length)
{
	char *argv[] = {"print_self", (char *)name, NULL};
	int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char *program = sibling("print_self");

	if (here < 0 || mkdir(name, 0755) || chdir(name))
		die(name);
	descend(depth, length);
	copy_program(program, "prog", 0755);
	exec_in_child(name, "./prog", argv);
	execve("./missing", argv, environ);
	truth_failed(name, errno, "./missing", argv);
	if (fchdir(here))
		die("fchdir");
	close(here);
	free(program);
}

int main(void)
{
	exec_below("long_names", 12, 200);
	exec_below("long_path", 19, 206);
	exec_below("many_components", 110, 5);
	exec_below("too_many_components", 400, 2);
	return 0;
}
