/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Fails to run files below a descriptor, from another current directory: `asked` with the path that each would have.
 */
#include "truth.h"

static void fail(int dir, const char *name, int flags, const char *path)
{
	char *argv[] = {"zero", NULL};
	struct truth line;

	syscall(SYS_execveat, dir, name, argv, NULL, flags);
	line = truth_begin("asked");
	truth_number(&line, "pid", getpid());
	truth_string(&line, "error", strerrorname_np(errno));
	truth_string(&line, "filename", name);
	if (path)
		truth_string(&line, "path", path);
	truth_end(&line);
}

int main(void)
{
	char *here = current_directory(), tools[PATH_MAX], missing[PATH_MAX + 16];
	int dir;

	snprintf(tools, sizeof(tools), "%s/tools", here);
	snprintf(missing, sizeof(missing), "%s/missing", tools);
	if (mkdir("tools", 0755) || (dir = open("tools", O_PATH | O_CLOEXEC)) < 0 || chdir("/"))
		die("prepare");
	fail(dir, "missing", 0, missing);
	fail(dir, "./a/../missing", 0, missing);
	fail(dir, "", AT_EMPTY_PATH, tools);
	fail(dir, "/no such file", 0, NULL);
	fail(AT_FDCWD, "no such file", 0, NULL);
	return 0;
}
