/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A child that makes the given file, and writes its pid to it.
 */
#include "truth.h"

int main(int argc, char *argv[])
{
	pid_t pid;

	if (argc < 2)
		return 2;
	pid = fork_or_die();
	if (pid == 0) {
		int fd = open(argv[1], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		struct truth line = truth_begin("written");
		int bytes = fd < 0 ? -1 : dprintf(fd, "%d\n", getpid());

		if (bytes < 0)
			die(argv[1]);
		close(fd);
		truth_number(&line, "pid", getpid());
		truth_number(&line, "bytes", bytes);
		truth_end(&line);
		_exit(0);
	}
	await_child(pid);
	return 0;
}
