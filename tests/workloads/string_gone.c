/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Calls after which the names that they were given cannot be read any more: of a file that holds its own name, which is
 * truncated; and in memory that is taken away before the call returns, by the thread that answers for the file system.
 * Each is told as `change`.
 */
#include "fuse.h"

#include <sys/mman.h>

static char *page;

static void tell(const char *event, const char *path, const char *new_path)
{
	struct truth line = truth_begin("change");

	truth_string(&line, "event", event);
	truth_string(&line, "path", path);
	if (new_path)
		truth_string(&line, "new_path", new_path);
	truth_end(&line);
}

static void truncate_own(const char *here)
{
	char path[PATH_MAX];
	char *mapped;
	int fd;

	snprintf(path, sizeof path, "%s/own", here);
	write_file(path, path, 0644);
	fd = open(path, O_RDWR | O_CLOEXEC);
	mapped = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	if (fd < 0 || mapped == MAP_FAILED || truncate(mapped, 0))
		die("truncate own");
	tell("truncate", path, NULL);
	close(fd);
}

static void take_away(void)
{
	if (munmap(page, 4096))
		die("munmap");
}

static char *put(const char *path)
{
	page = mmap(page, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		die("mmap");
	return strcpy(page, path);
}

static void check(int result, const char *event, const char *path, const char *new_path)
{
	if (result)
		die(event);
	tell(event, path, new_path);
}

int main(void)
{
	char file[PATH_MAX], other[PATH_MAX];
	char *here = current_directory();

	truncate_own(here);
	snprintf(file, sizeof file, "%s/mount", here);
	if (!fuse_mount(file))
		return 0;
	fuse_before_return = take_away;
	snprintf(file, sizeof file, "%s/mount/file", here);
	snprintf(other, sizeof other, "%s/mount/other", here);
	check(truncate(put(file), 1), "truncate", file, NULL);
	put(file);
	check(rename(page, strcpy(page + 2048, other)), "rename", file, other);
	check(unlink(put(other)), "unlink", other, NULL);
	_exit(0);
}
