/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The current directory is removed before the exec.
 */
#include "truth.h"

int main(void)
{
	char *argv[] = {"print_self", "nowhere", NULL};
	char *program = sibling("print_self");

	if (mkdir("gone", 0755) || chdir("gone") || rmdir("../gone"))
		die("gone");
	exec_in_child("removed_cwd", program, argv);
	return 0;
}
