/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Names that begin where the process thinks the world does: in a chroot, in one inside it, and out of both by a
 * descriptor from before; in a directory whose parent was renamed, and in one that was removed.
 */
#include "file_calls.h"

#include <sys/mount.h>

static void prepare(void)
{
	static const char *const directories[] = {"jail",    "jail/proc", "jail/d", "jail/d/proc", "jail/d/e",
						  "outside", "p",	  "p/c",    "p/gone"};

	for (size_t i = 0; i < LENGTH(directories); i++) {
		if (mkdir(directories[i], 0755))
			die(directories[i]);
	}
	if (symlink("/f", "jail/to_f") || symlink("../../..", "jail/d/up"))
		die("symlink");
	write_file("jail/f", "text", 0644);
	write_file("jail/d/g", "text", 0644);
	write_file("outside/h", "text", 0644);
}

static long open_told(int dir, const char *name, const char *at)
{
	return make_call(&(struct file_call){"open", "open", SYS_openat, .dir = 1, .path = 2, .at = at,
					     .arguments = {dir, LONG(name), O_RDONLY}, .keys = "flags=O_RDONLY"});
}

static void make_told(int dir, const char *name, const char *at)
{
	make_call(&(struct file_call){"make", "open", SYS_openat, .dir = 1, .path = 2,
				      .arguments = {dir, LONG(name), O_RDWR | O_CREAT, 0600}, .at = at,
				      .keys = "flags=O_RDWR|O_CREAT mode=0600"});
}

static void mkdir_told(int dir, const char *name, const char *at)
{
	make_call(&(struct file_call){"mkdir", "mkdir", SYS_mkdirat, .dir = 1, .path = 2,
				      .arguments = {dir, LONG(name), 0700}, .at = at, .keys = "mode=0700"});
}

static void rename_told(const char *from, const char *at, const char *to, const char *new_at)
{
	make_call(&(struct file_call){"rename", "rename", SYS_rename, .path = 1, .new_path = 2,
				      .arguments = {LONG(from), LONG(to)}, .at = at, .new_at = new_at});
}

/* With the root as current directory. Names in `at` are as a process in the chroot sees them. */
static void use_root(void)
{
	make_told(AT_FDCWD, "/new", NULL);
	make_told(AT_FDCWD, "other", NULL);
	open_told(AT_FDCWD, "../new", NULL);
	open_told(AT_FDCWD, "/../../new", NULL);
	open_told(AT_FDCWD, "/", NULL);
	open_told(AT_FDCWD, "absent", "/absent");
	open_told(AT_FDCWD, "/absent", NULL);
	open_told(AT_FDCWD, "../absent", "/absent");
	open_told(AT_FDCWD, "/../../absent", "/absent");
	open_told(AT_FDCWD, "new/../../../absent/.", "/absent");
	mkdir_told(AT_FDCWD, "/m", NULL);
	mkdir_told(AT_FDCWD, "../../n", "/n");
	rename_told("/../m", "/m", "o", "/o");
	rename_told("n", "/n", "..", "/");
}

static void use_outside(int outside, const char *path)
{
	char above[PATH_MAX], jail[PATH_MAX];

	/* the kernel tells this path as it is: no part of it is in the chroot */
	strcpy(jail, root_path);
	root_path[0] = '\0';
	strcpy(above, path);
	strcpy(strrchr(above, '/'), "/absent");
	open_told(outside, "h", NULL);
	make_told(outside, "made", NULL);
	open_told(outside, "../outside/h", NULL);
	open_told(outside, "absent", NULL);
	open_told(outside, "../absent", above);
	open_told(outside, "../../../../../../../../../../nowhere", "/nowhere");
	mkdir_told(outside, "m", NULL);
	strcpy(root_path, jail);
	open_told(outside, "/absent", NULL);
}

/* Also through links: in the chroot an absolute one leads to its root. */
static void use_below(void)
{
	open_told(AT_FDCWD, "/to_f", NULL);
	if (chdir("/d"))
		die("chdir");
	open_told(AT_FDCWD, "g", NULL);
	open_told(AT_FDCWD, "../f", NULL);
	open_told(AT_FDCWD, "../../../../f", NULL);
	open_told(AT_FDCWD, "up/f", NULL);
	open_told(AT_FDCWD, "../absent", "/absent");
	open_told(AT_FDCWD, "../../../absent", "/absent");
	mkdir_told(AT_FDCWD, "m", NULL);
}

static void change_root(const char *directory, const char *outside)
{
	if (chroot(directory) || chdir("/"))
		die("chroot");
	strcpy(root_path, outside);
}

static void move_parent(void)
{
	if (rename("../../p", "../../q"))
		die("rename");
}

static void remove_directory(void)
{
	if (rmdir("../gone"))
		die("rmdir");
}

static void use_moved(const char *here)
{
	char before[PATH_MAX], after[PATH_MAX];

	snprintf(before, sizeof(before), "%s/q", here);
	snprintf(after, sizeof(after), "%s/r", here);
	if (chdir("p/c"))
		die("chdir");
	make_told(AT_FDCWD, "before", NULL);
	in_child(move_parent);
	make_told(AT_FDCWD, "after", NULL);
	open_told(AT_FDCWD, "before", NULL);
	open_told(AT_FDCWD, "absent", NULL);
	mkdir_told(AT_FDCWD, "m", NULL);
	rename_told("../../q", before, "../../r", after);
	make_told(AT_FDCWD, "last", NULL);
	mkdir_told(AT_FDCWD, "n", NULL);
}

static void use_removed(const char *here)
{
	char parent[PATH_MAX], absent[PATH_MAX];

	snprintf(parent, sizeof(parent), "%s/r", here);
	snprintf(absent, sizeof(absent), "%s/r/absent", here);
	if (chdir("../gone"))
		die("chdir");
	in_child(remove_directory);
	make_told(AT_FDCWD, "f", NULL);
	open_told(AT_FDCWD, "f", NULL);
	open_told(AT_FDCWD, ".", NULL);
	open_told(AT_FDCWD, "..", NULL);
	mkdir_told(AT_FDCWD, "m", NULL);
	mkdir_told(AT_FDCWD, "..", parent);
	rename_told("../absent", absent, "x", NULL);
}

int main(void)
{
	char jail[PATH_MAX], inner[PATH_MAX], outside_path[PATH_MAX];
	char *here = current_directory();
	int outside;

	in_child(prepare);
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("/proc", "jail/proc", NULL, MS_BIND, NULL) || mount("/proc", "jail/d/proc", NULL, MS_BIND, NULL))
		die("mount");
	use_moved(here);
	use_removed(here);
	if (chdir(here))
		die("chdir");
	snprintf(jail, sizeof(jail), "%s/jail", here);
	snprintf(inner, sizeof(inner), "%s/jail/d", here);
	snprintf(outside_path, sizeof(outside_path), "%s/outside", here);
	outside = (int)open_told(AT_FDCWD, "outside", NULL);
	change_root("jail", jail);
	use_root();
	use_below();
	use_outside(outside, outside_path);
	change_root("/d", inner);
	use_root();
	use_outside(outside, outside_path);
	return 0;
}
