/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Files of several file systems, opened, written, changed and removed; fstat(2) says which file each is.
 */
#include "truth.h"

#include <sys/mman.h>
#include <sys/sysmacros.h>

static void tell(const char *event, const char *path, const struct stat *is)
{
	struct truth line = truth_begin("file");
	char device[32];

	snprintf(device, sizeof(device), "%u:%u", major(is->st_dev), minor(is->st_dev));
	truth_string(&line, "event", event);
	truth_string(&line, "path", path);
	truth_string(&line, "dev", device);
	truth_number(&line, "inode", (long long)is->st_ino);
	truth_end(&line);
}

static void change(const char *path)
{
	struct stat is;
	int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (file < 0 || fstat(file, &is))
		die(path);
	tell("open", path, &is);
	if (write(file, "x", 1) != 1 || fchmod(file, 0640) || ftruncate(file, 4096) || fchown(file, 0, 0))
		die("change");
	tell("io", path, &is);
	tell("write", path, &is);
	tell("chmod", path, &is);
	tell("truncate", path, &is);
	tell("chown", path, &is);
	if (mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0) == MAP_FAILED)
		die("mmap");
	tell("mmap", path, &is);
	close(file);
	tell("close", path, &is);
	if (unlink(path))
		die("unlink");
	/* of a name only where the kernel tells what it resolved */
	tell("unlink", path, &is);
}

int main(int argc, char *argv[])
{
	char path[PATH_MAX];

	/* an event of a file that is not there has no file */
	if (argc < 2 || open("missing", O_RDONLY) >= 0)
		return 2;
	for (int i = 1; i < argc; i++) {
		snprintf(path, sizeof(path), "%s/file", argv[i]);
		change(path);
	}
	return 0;
}
