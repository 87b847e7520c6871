/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A program that lies in no directory, executed by its descriptor.
 */
#include "truth.h"

#include <sys/mman.h>

static void exec_memfd(const char *name, const char *memfd_name, int by_libc)
{
	char *argv[] = {"in memory", (char *)name, NULL};
	pid_t pid = fork_or_die();

	if (pid == 0) {
		int program = memfd_create(memfd_name, MFD_CLOEXEC);

		if (program < 0)
			die("memfd_create");
		copy_file(sibling("print_self"), program);
		truth_call(name, "", argv);
		if (by_libc)
			fexecve(program, argv, environ);
		else
			syscall(SYS_execveat, program, "", argv, environ, AT_EMPTY_PATH);
		truth_failed(name, errno, "", argv);
		_exit(98);
	}
	await_child(pid);
}

int main(void)
{
	exec_memfd("execveat", "payload", 0);
	exec_memfd("fexecve", "name with blanks", 1);
	return 0;
}
