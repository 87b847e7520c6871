/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Renames onto something and onto nothing, by each call. Before each of them lstat(2) says what is at the new name.
 */
#include "uring.h"

#include <linux/fs.h>

static struct uring ring;

static void touch(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		die(name);
	close(fd);
}

static int by_ring(const char *from, const char *to)
{
	uring_names(&ring, IORING_OP_RENAMEAT, AT_FDCWD, from, AT_FDCWD, to);
	errno = -uring_run(&ring);
	return errno ? -1 : 0;
}

/* `way`: what to call. `flags`: of renameat2. */
static void move(const char *way, const char *from, const char *to, unsigned flags)
{
	struct stat before, after;
	int found = !lstat(to, &before), failed, same;
	struct truth line = truth_begin("renamed");

	if (!strcmp(way, "rename"))
		failed = syscall(SYS_rename, from, to);
	else if (!strcmp(way, "renameat"))
		failed = syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to);
	else if (!strcmp(way, "io_uring"))
		failed = by_ring(from, to);
	else
		failed = syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags);
	same = found && !lstat(from, &after) && after.st_ino == before.st_ino;
	truth_string(&line, "way", way);
	truth_string(&line, "from", from);
	truth_string(&line, "to", to);
	truth_number(&line, "failed", failed != 0);
	truth_number(&line, "flags", flags);
	truth_number(&line, "found", found);
	/* two names of one file: it does nothing */
	truth_number(&line, "same", same);
	truth_end(&line);
}

int main(void)
{
	char from[64], to[64];

	uring_open(&ring, 8, 0);
	for (int onto = 0; onto < 2; onto++) {
		static const char *const ways[] = {"rename", "renameat", "renameat2", "io_uring"};

		for (int i = 0; i < 4; i++) {
			snprintf(from, sizeof(from), "from.%d.%d", onto, i);
			snprintf(to, sizeof(to), "to.%d.%d", onto, i);
			touch(from);
			if (onto)
				touch(to);
			move(ways[i], from, to, 0);
		}
	}
	touch("a");
	touch("b");
	move("renameat2", "a", "new", RENAME_NOREPLACE);
	move("renameat2", "b", "new", RENAME_NOREPLACE);
	move("renameat2", "b", "new", RENAME_EXCHANGE);
	move("rename", "missing", "new", 0);
	if (link("b", "b.link"))
		die("link");
	move("rename", "b", "b.link", 0);
	if (mkdir("d", 0700) || mkdir("e", 0700) || mkdir("f", 0700) || symlink("nowhere", "l"))
		die("mkdir");
	move("rename", "d", "e", 0);
	move("rename", "e", "g", 0);
	move("rename", "new", "f", 0);
	move("rename", "new", "l", 0);
	move("rename", "l", "g/l", 0);
	return 0;
}
