/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * posix_spawn and posix_spawnp (a PATH search with one miss): clone with CLONE_VM|CLONE_VFORK.
 */
#include "truth.h"

#include <spawn.h>

static void say_spawned(const char *name, pid_t pid, const char *filename, char *const argv[])
{
	struct truth line = truth_begin("spawned");

	truth_string(&line, "case", name);
	truth_number(&line, "pid", getpid());
	truth_number(&line, "child", pid);
	truth_string(&line, "filename", filename);
	truth_arguments(&line, argv);
	truth_end(&line);
	await_child(pid);
}

int main(void)
{
	char *path = sibling("print_self");
	char *argv[] = {"print_self", "spawned", NULL};
	char *found;
	pid_t pid;

	if (posix_spawn(&pid, path, NULL, NULL, argv, environ))
		die("posix_spawn");
	say_spawned("path", pid, path, argv);

	if (mkdir("miss", 0755) || mkdir("hit", 0755))
		die("mkdir");
	copy_program(path, "hit/found_in_path", 0755);
	if (asprintf(&found, "%s/miss:%s/hit", current_directory(), current_directory()) < 0 ||
	    setenv("PATH", found, 1))
		die("PATH");
	argv[0] = "found_in_path";
	if (posix_spawnp(&pid, "found_in_path", NULL, NULL, argv, environ))
		die("posix_spawnp");
	if (asprintf(&found, "%s/hit/found_in_path", current_directory()) < 0)
		die("asprintf");
	say_spawned("search", pid, found, argv);
	return 0;
}
