/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Opens with O_CREAT that fail because their file system has no O_DIRECT: one that has made its file by then, and one
 * whose file was there before. The directory of their names is a link.
 */
#include "truth.h"

#include <stdbool.h>
#include <sys/mount.h>

/* False: it does not fail. */
static bool open_direct(const char *here, const char *name, bool makes)
{
	struct truth line;
	char path[PATH_MAX], given[PATH_MAX];

	snprintf(path, sizeof(path), "%s/ram/%s", here, name);
	snprintf(given, sizeof(given), "link/%s", name);
	if (!makes)
		close(open(path, O_CREAT | O_WRONLY, 0600));
	if (!access(path, F_OK) == makes)
		die(path);
	if (open(given, O_CREAT | O_DIRECT | O_WRONLY, 0600) >= 0 || errno != EINVAL || access(path, F_OK))
		return false;
	line = truth_begin("failed");
	truth_number(&line, "pid", getpid());
	truth_string(&line, "name", given);
	truth_string(&line, "path", path);
	truth_number(&line, "created", makes);
	truth_end(&line);
	return true;
}

int main(void)
{
	const char *here = current_directory();

	if (mkdir("ram", 0700) || symlink("ram", "link") || unshare(CLONE_NEWNS) ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) || mount("none", "ram", "ramfs", 0, NULL)) {
		tell_unsupported("no ramfs can be mounted");
		return 0;
	}
	if (!open_direct(here, "made", true) || !open_direct(here, "there", false))
		tell_unsupported("ramfs has O_DIRECT");
	return 0;
}
