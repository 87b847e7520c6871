/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Names of any bytes: in the directory, the file, the arguments, and so in the thread's name.
 */
#include "truth.h"

/* A line break, a colour change, a lone 0xff, an unfinished sequence. */
#define ODD_DIRECTORY "dir\nectory \x1b[31m\xff\xe2\x82"
#define ODD_PROGRAM "p\nq\x1b[2J\xff\xc3"

int main(int argc, char *argv[])
{
	(void)argc;
	if (mkdir(ODD_DIRECTORY, 0755) || chdir(ODD_DIRECTORY))
		die("odd directory");
	copy_program(sibling("print_self"), ODD_PROGRAM, 0755);
	exec_in_child("odd", "./" ODD_PROGRAM, argv);
	execve("./missing\n" ODD_PROGRAM, argv, environ);
	truth_failed("odd_missing", errno, "./missing\n" ODD_PROGRAM, argv);
	return 0;
}
