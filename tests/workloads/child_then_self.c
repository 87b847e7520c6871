/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * When let go: a child executes, then the process itself. argv[1]: what both get as their argument.
 */
#include "truth.h"

int main(int argc, char *argv[])
{
	char *mark = argc > 1 ? argv[1] : "";
	char *child[] = {"print_self", mark, "child", NULL};
	char *self[] = {"print_self", mark, "self", NULL};

	await_go();
	exec_in_child("child", sibling("print_self"), child);
	call_exec("self", sibling("print_self"), self);
}
