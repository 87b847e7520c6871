/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A program and a current directory below mount points, in a mount namespace of their own.
 */
#include "truth.h"

#include <sys/mount.h>

int main(void)
{
	char *argv[] = {"print_self", "below a mount", NULL};
	char *program = sibling("print_self");

	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		die("mount namespace");
	if (mkdir("fresh", 0755) || mount("none", "fresh", "tmpfs", 0, NULL))
		die("mount tmpfs");
	if (mkdir("fresh/inner", 0755) || mkdir("bound", 0755) || mount("fresh/inner", "bound", NULL, MS_BIND, NULL))
		die("bind mount");
	copy_program(program, "fresh/inner/prog", 0755);

	if (chdir("fresh/inner"))
		die("chdir");
	exec_in_child("mounted", "./prog", argv);
	if (chdir("../../bound"))
		die("chdir");
	exec_in_child("bound", "./prog", argv);
	execve("./missing", argv, environ);
	truth_failed("missing", errno, "./missing", argv);
	return 0;
}
