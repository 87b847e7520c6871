/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Opens and reads files whose names have more than NAME_MAX bytes, as a file system may have them (FUSE_NAME_MAX: 1024
 * bytes, since 6.16 a path's); the last ones in a directory whose name is long too, so that the path is to be cut.
 */
#include "fuse.h"

static int longest;

static void use(int dir, const char *above, int length, bool cut)
{
	char name[PATH_MAX], bytes[5];
	struct truth line;
	char *path;
	int fd;

	memset(name, 'x', (size_t)length);
	memcpy(name, "secret.key", 10);
	name[length] = '\0';
	fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENAMETOOLONG)
		return;
	if (fd < 0 || read(fd, bytes, sizeof bytes) != sizeof bytes || close(fd))
		die("use");
	if (length > longest)
		longest = length;
	if (asprintf(&path, cut ? "%s" : "%s/%s", above, name) < 0)
		die("asprintf");
	line = truth_begin("used");
	truth_string(&line, "path", path);
	truth_number(&line, "cut", cut);
	truth_end(&line);
	free(path);
}

static void use_below(const char *mount)
{
	char path[2 * PATH_MAX];
	int dir, length = snprintf(path, sizeof path, "%s/", mount);

	memset(path + length, 'd', 2500);
	path[length + 2500] = '\0';
	dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 && errno == ENAMETOOLONG)
		return;
	if (dir < 0)
		die("directory");
	use(dir, path, 300, false);
	use(dir, path, 2500, true);
}

int main(void)
{
	static const int lengths[] = {255, 256, 257, 266, 511, 512, 768, 1000, 3000};
	char *mount;
	int dir;

	if (asprintf(&mount, "%s/mount", current_directory()) < 0)
		die("asprintf");
	if (!fuse_mount(mount))
		return 0;
	dir = open(mount, O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
		use(dir, mount, lengths[i], false);
	use_below(mount);
	if (longest <= 255)
		tell_unsupported("no names of more than 255 bytes");
	_exit(0);
}
