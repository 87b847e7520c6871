/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * file_race COUNT: opens so many times what another thread names anew all the while: one of two files, or none. Says
 * each time what the kernel opened.
 */
#include "race.h"

static void open_it(char *path)
{
	struct truth line = truth_begin("open");
	char link[64];
	int fd;

	await_other();
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		truth_string(&line, "error", strerrorname_np(errno));
	} else {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		ssize_t length = readlink(link, path, PATH_MAX - 1);
		if (length < 0)
			die(link);
		truth_number(&line, "fd", fd);
		truth_bytes(&line, "path", path, (size_t)length);
		close(fd);
	}
	truth_end(&line);
}

int main(int argc, char *argv[])
{
	static char path[PATH_MAX];
	int count = argc > 1 ? atoi(argv[1]) : 0;
	char *here = current_directory();
	pid_t pid = fork_or_die();

	if (pid == 0) {
		write_file("name 0", "0", 0644);
		write_file("name 1", "1", 0644);
		_exit(0);
	}
	if (waitpid(pid, NULL, 0) != pid)
		die("prepare");
	snprintf(name, sizeof(name), "%s/name 2", here);
	start_race(name + strlen(name) - 1);
	for (int i = 0; goes_on(i, count); i++)
		open_it(path);
	end_race();
	return 0;
}
