/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * exec_env: a program with an environment that holds all that one can; exec_env BYTES: with one variable of that length
 * and one behind it; then one that cannot be run.
 */
#include "truth.h"

int main(int argc, char *argv[])
{
	char *odd[] = {"PLAIN=a b",
		       "EMPTY=",
		       "TWICE=1",
		       "TWICE=2",
		       "NO_EQUALS",
		       "RAW=\xff",
		       "DB_PASSWORD=of-them",
		       "URL=postgres://u:of-them@h/d",
		       "=x",
		       "EQUALS=a=b",
		       NULL};
	char *long_one[] = {NULL, "LAST=1", NULL};
	char *arguments[] = {sibling("print_self"), NULL}, *wrong[] = {"/no/such/program", NULL};
	pid_t child = fork_or_die();

	if (child == 0) {
		size_t length = argc > 1 ? atoi(argv[1]) : 0;

		if (!length)
			execve(arguments[0], arguments, odd);
		long_one[0] = calloc(length + 1, 1);
		memset(long_one[0], 'x', length);
		memcpy(long_one[0], "LONG=", 5);
		execve(arguments[0], arguments, long_one);
		die("execve");
	}
	await_child(child);
	execve(wrong[0], wrong, odd);
	return 0;
}
