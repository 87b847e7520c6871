/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Two goes, two children that execute: between them the first one's pid is free for anybody.
 */
#include "truth.h"

int main(void)
{
	char *first[] = {"print_self", "first", NULL};
	char *second[] = {"print_self", "second", NULL};

	await_go();
	exec_in_child("first", sibling("print_self"), first);
	await_go();
	exec_in_child("second", sibling("print_self"), second);
	return 0;
}
