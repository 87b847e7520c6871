/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * file_mounts [overlay|pivot]: files below mounts that are there only in the process's own mount namespace: bound,
 * stacked, taken away while in use; an overlay; the root that a container has.
 */
#include "file_calls.h"

#include <sys/mman.h>
#include <sys/mount.h>

#ifndef SYS_open_tree
#define SYS_open_tree 428
#endif
#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif

static void make_directories(const char *const *names)
{
	for (; *names; names++) {
		if (mkdir(*names, 0755))
			die(*names);
	}
}

static void prepare(void)
{
	make_directories(
		(const char *const[]){"fresh", "bound", "plain", "lower", "upper", "work", "merged", "root", NULL});
	write_file("file", "text", 0644);
	write_file("lower/low", "text", 0644);
	write_file("lower/gone", "text", 0644);
	write_file("upper/up", "text", 0644);
}

static void fill_fresh(void)
{
	make_directories((const char *const[]){"fresh/in", "fresh/in/deep", NULL});
	write_file("fresh/file", "text", 0644);
	write_file("fresh/in/f", "text", 0644);
}

static void fill_root(void)
{
	make_directories((const char *const[]){"root/proc", "root/old", NULL});
}

static void mount_or_die(const char *source, const char *target, const char *type, unsigned long flags)
{
	if (mount(source, target, type, flags, NULL))
		die(target);
}

static int open_told(int dir, const char *name, int flags, const char *keys)
{
	return (int)make_call(&(struct file_call){"open", "open", SYS_openat, .dir = 1, .path = 2,
						  .arguments = {dir, LONG(name), flags, 0600}, .keys = keys});
}

static int read_told(int dir, const char *name)
{
	return open_told(dir, name, O_RDONLY, "flags=O_RDONLY");
}

static int make_told(int dir, const char *name)
{
	return open_told(dir, name, O_RDWR | O_CREAT, "flags=O_RDWR|O_CREAT mode=0600");
}

/* By name and by descriptor. */
static void change_told(const char *name)
{
	int fd = read_told(AT_FDCWD, name);

	make_call(&(struct file_call){"chmod", "chmod", SYS_chmod, .path = 1, .arguments = {LONG(name), 0640},
				      .keys = "mode=0640"});
	make_call(&(struct file_call){"fchmod", "chmod", SYS_fchmod, .fd = 1, .arguments = {fd, 0644},
				      .keys = "mode=0644"});
	close(fd);
}

static void rename_told(const char *from, const char *to)
{
	make_call(&(struct file_call){"rename", "rename", SYS_rename, .path = 1, .new_path = 2,
				      .arguments = {LONG(from), LONG(to)}});
}

static void unlink_told(const char *name)
{
	make_call(&(struct file_call){"unlink", "unlink", SYS_unlink, .path = 1, .arguments = {LONG(name)}});
}

/* In a mount that is nowhere in the namespace there is no path, whatever it looks like from within. */
static void use_nowhere(int dir, const char *name)
{
	struct truth line = tell_caller("nowhere", "open");
	int fd = openat(dir, name, O_RDONLY);

	if (fd < 0)
		die(name);
	truth_number(&line, "fd", fd);
	truth_string(&line, "flags", "O_RDONLY");
	truth_string(&line, "name", name);
	truth_string(&line, "unreadable", "path");
	truth_end(&line);
}

static void use_mounts(void)
{
	int below, tree;

	mount_or_die("none", "fresh", "tmpfs", 0);
	in_child(fill_fresh);
	mount_or_die("fresh/in", "bound", NULL, MS_BIND);
	mount_or_die("fresh/file", "file", NULL, MS_BIND);
	change_told("fresh/in/f");
	change_told("bound/f");
	change_told("file");
	make_told(AT_FDCWD, "bound/deep/new");
	read_told(AT_FDCWD, "fresh/in/deep/new");
	read_told(AT_FDCWD, "bound/..");
	read_told(AT_FDCWD, "bound/deep/../../file");
	rename_told("bound/f", "plain/f");
	rename_told("bound/f", "fresh/in/g");
	rename_told("bound/f", "bound/g");
	unlink_told("file");
	mount_or_die("none", "bound/deep", "tmpfs", 0);
	make_told(AT_FDCWD, "bound/deep/in the third mount");
	read_told(AT_FDCWD, "fresh/in/deep/new");
	below = make_told(AT_FDCWD, "fresh/covered");
	mount_or_die("none", "fresh", "tmpfs", 0);
	make_told(AT_FDCWD, "fresh/on top");
	read_told(AT_FDCWD, "fresh/covered");
	make_call(&(struct file_call){"fchmod", "chmod", SYS_fchmod, .fd = 1, .arguments = {below, 0644},
				      .keys = "mode=0644"});
	below = read_told(AT_FDCWD, "bound/deep");
	if (umount2("bound/deep", MNT_DETACH))
		die("umount");
	use_nowhere(below, "in the third mount");
	tree = (int)syscall(SYS_open_tree, AT_FDCWD, "bound", OPEN_TREE_CLONE | O_CLOEXEC);
	if (tree < 0)
		die("open_tree");
	use_nowhere(tree, "g");
}

static void use_overlay(void)
{
	int fd;

	if (mount("overlay", "merged", "overlay", 0, "lowerdir=lower,upperdir=upper,workdir=work")) {
		tell_unsupported(strerrorname_np(errno));
		return;
	}
	read_told(AT_FDCWD, "merged/low");
	read_told(AT_FDCWD, "merged/up");
	fd = open_told(AT_FDCWD, "merged/low", O_RDWR, "flags=O_RDWR");
	make_call(&(struct file_call){"shared", "mmap", SYS_mmap, .fd = 5,
				      .arguments = {0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0},
				      .keys = "length=4096"});
	make_told(AT_FDCWD, "merged/low");
	make_told(AT_FDCWD, "merged/new");
	change_told("merged/low");
	change_told("merged/gone");
	unlink_told("merged/gone");
	read_told(AT_FDCWD, "merged/gone");
	make_told(AT_FDCWD, "merged/gone");
	rename_told("merged/up", "merged/down");
	open_told(AT_FDCWD, "merged", O_TMPFILE | O_RDWR, "flags=O_RDWR|O_TMPFILE mode=0600");
}

/* What was the root is gone: as in a container, the namespace begins at another one. */
static void use_pivot(void)
{
	mount_or_die("none", "root", "tmpfs", 0);
	in_child(fill_root);
	if (mount("/proc", "root/proc", NULL, MS_BIND, NULL) || syscall(SYS_pivot_root, "root", "root/old") ||
	    chdir("/") || umount2("/old", MNT_DETACH))
		die("pivot_root");
	make_told(AT_FDCWD, "/file");
	make_told(AT_FDCWD, "../other");
	read_told(AT_FDCWD, "old");
	read_told(AT_FDCWD, "absent");
	rename_told("/file", "old/file");
	change_told("/old/file");
	unlink_told("old/file");
}

int main(int argc, char *argv[])
{
	in_child(prepare);
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		die("mount namespace");
	if (argc == 1)
		use_mounts();
	else if (strcmp(argv[1], "overlay") == 0)
		use_overlay();
	else
		use_pivot();
	return 0;
}
