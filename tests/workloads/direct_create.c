/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * An open with O_CREAT that fails after it has made the file: its file system has no O_DIRECT.
 */
#include "truth.h"

#include <sys/mount.h>

int main(void)
{
	struct truth line;
	int fd;

	if (mkdir("ram", 0700) || unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", "ram", "ramfs", 0, NULL)) {
		tell_unsupported("no ramfs can be mounted");
		return 0;
	}
	fd = open("ram/made", O_CREAT | O_DIRECT | O_WRONLY, 0600);
	if (fd >= 0 || errno != EINVAL || access("ram/made", F_OK)) {
		tell_unsupported("ramfs has O_DIRECT");
		return 0;
	}
	line = truth_begin("failed");
	truth_number(&line, "pid", getpid());
	truth_string(&line, "name", "ram/made");
	truth_end(&line);
	return 0;
}
