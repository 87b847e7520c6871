/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Every call that makes, removes, renames or links a name, relative and absolute, below the current directory and
 * below a descriptor.
 */
#include "file_calls.h"

#include <linux/fs.h>

static const char *here;

static void prepare(void)
{
	if (mkdir("dir", 0755) || symlink("dir", "to_dir"))
		die("prepare");
	write_file("one", "1", 0644);
	write_file("two", "2", 0644);
}

static char *absolute(const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", here, name) < 0)
		die("asprintf");
	return path;
}

static void make_names(int dir)
{
	const struct file_call calls[] = {
		{"mkdir", "mkdir", SYS_mkdir, .path = 1, .arguments = {LONG("d1"), 0750}, .keys = "mode=0750"},
		{"mkdir absolute", "mkdir", SYS_mkdir, .path = 1, .arguments = {LONG(absolute("d2")), 01777},
		 .keys = "mode=01777"},
		{"mkdir again", "mkdir", SYS_mkdir, .path = 1, .arguments = {LONG("d1/"), 0}, .keys = "mode=0000"},
		{"mkdirat", "mkdir", SYS_mkdirat, .dir = 1, .path = 2, .arguments = {dir, LONG("d3"), 0700},
		 .keys = "mode=0700"},
		{"mkdirat cwd", "mkdir", SYS_mkdirat, .dir = 1, .path = 2, .arguments = {AT_FDCWD, LONG("./d4"), 0711},
		 .at = "d4", .keys = "mode=0711"},
		{"mkdirat absolute", "mkdir", SYS_mkdirat, .dir = 1, .path = 2,
		 .arguments = {-1, LONG(absolute("dir/d5")), 0755}, .keys = "mode=0755"},
		{"mkdir through a link", "mkdir", SYS_mkdir, .path = 1, .arguments = {LONG("to_dir/d6"), 0755},
		 .keys = "mode=0755"},
		{"mknod fifo", "mknod", SYS_mknod, .path = 1, .arguments = {LONG("fifo"), S_IFIFO | 0640, 0},
		 .keys = "mode=010640"},
		{"mknod regular", "mknod", SYS_mknod, .path = 1, .arguments = {LONG("regular"), S_IFREG | 0604, 0},
		 .keys = "mode=0100604"},
		{"mknod socket", "mknod", SYS_mknod, .path = 1, .arguments = {LONG("socket"), S_IFSOCK | 0600, 0},
		 .keys = "mode=0140600"},
		{"mknod untyped", "mknod", SYS_mknod, .path = 1, .arguments = {LONG("untyped"), 0644, 0},
		 .keys = "mode=0644"},
		{"mknod again", "mknod", SYS_mknod, .path = 1, .arguments = {LONG("fifo"), S_IFIFO | 0640, 0},
		 .keys = "mode=010640"},
		{"mknodat", "mknod", SYS_mknodat, .dir = 1, .path = 2,
		 .arguments = {dir, LONG("fifo"), S_IFIFO | 0600, 0}, .keys = "mode=010600"},
		{"symlink", "symlink", SYS_symlink, .path = 2, .arguments = {LONG("../any where"), LONG("s1")},
		 .keys = "target=../any%20where"},
		{"symlink again", "symlink", SYS_symlink, .path = 2, .arguments = {LONG("x"), LONG("s1")},
		 .keys = "target=x"},
		{"symlink empty", "symlink", SYS_symlink, .path = 2, .arguments = {LONG(""), LONG("s2")},
		 .keys = "target="},
		{"symlink nowhere", "symlink", SYS_symlink, .path = 2, .arguments = {LONG(BAD_POINTER), LONG("s2")},
		 .keys = "unreadable=target"},
		{"symlinkat", "symlink", SYS_symlinkat, .dir = 2, .path = 3,
		 .arguments = {LONG("/dev/null"), dir, LONG("s3")}, .keys = "target=/dev/null"},
	};

	make_calls(calls, LENGTH(calls));
}

static void link_names(int dir, int unnamed)
{
	char *own;
	const struct file_call calls[] = {
		{"link", "link", SYS_link, .path = 1, .new_path = 2, .arguments = {LONG("one"), LONG("l1")}},
		{"link again", "link", SYS_link, .path = 1, .new_path = 2, .arguments = {LONG("one"), LONG("l1")}},
		{"link a link", "link", SYS_link, .path = 1, .new_path = 2, .arguments = {LONG("s1"), LONG("l2")}},
		{"link a directory", "link", SYS_link, .path = 1, .new_path = 2,
		 .arguments = {LONG("dir"), LONG("l3")}},
		{"linkat", "link", SYS_linkat, .dir = 1, .path = 2, .new_dir = 3, .new_path = 4,
		 .arguments = {dir, LONG("fifo"), AT_FDCWD, LONG("l4"), 0}},
		{"linkat absolute", "link", SYS_linkat, .dir = 1, .path = 2, .new_dir = 3, .new_path = 4,
		 .arguments = {AT_FDCWD, LONG("two"), -1, LONG(absolute("l5")), 0}},
		{"linkat following", "link", SYS_linkat, .dir = 1, .path = 2, .new_dir = 3, .new_path = 4,
		 .arguments = {AT_FDCWD, LONG("s1"), dir, LONG("l6"), AT_SYMLINK_FOLLOW}, .keys = "follows=true"},
		{"linkat of a descriptor", "link", SYS_linkat, .dir = 1, .path = 2, .new_dir = 3, .new_path = 4,
		 .arguments = {unnamed, LONG(""), AT_FDCWD, LONG("l7"), AT_EMPTY_PATH}},
		{"linkat of /proc/self/fd", "link", SYS_linkat, .dir = 1, .path = 2, .new_dir = 3, .new_path = 4,
		 .arguments = {AT_FDCWD, 0, dir, LONG("l8"), AT_SYMLINK_FOLLOW}, .keys = "follows=true"},
		{"linkat of nothing", "link", SYS_linkat, .dir = 1, .path = 2, .new_dir = 3, .new_path = 4,
		 .arguments = {unnamed, LONG(""), dir, LONG("l9"), 0}},
		{"linkat of a bad descriptor", "link", SYS_linkat, .dir = 1, .path = 2, .new_dir = 3, .new_path = 4,
		 .arguments = {99, LONG(""), dir, LONG("l9"), AT_EMPTY_PATH}},
	};

	if (asprintf(&own, "/proc/self/fd/%d", unnamed) < 0)
		die("asprintf");
	for (size_t i = 0; i < LENGTH(calls); i++) {
		struct file_call call = calls[i];

		if (!call.arguments[1])
			call.arguments[1] = LONG(own);
		make_call(&call);
	}
}

static void rename_names(int dir)
{
	const struct file_call calls[] = {
		{"rename", "rename", SYS_rename, .path = 1, .new_path = 2, .arguments = {LONG("one"), LONG("three")}},
		{"rename over", "rename", SYS_rename, .path = 1, .new_path = 2,
		 .arguments = {LONG("three"), LONG("two")}},
		{"rename absent", "rename", SYS_rename, .path = 1, .new_path = 2,
		 .arguments = {LONG("one"), LONG("dir/x/y")}},
		{"rename a link", "rename", SYS_rename, .path = 1, .new_path = 2,
		 .arguments = {LONG("s1"), LONG("to_dir/s4")}},
		{"renameat", "rename", SYS_renameat, .dir = 1, .path = 2, .new_dir = 3, .new_path = 4,
		 .arguments = {AT_FDCWD, LONG("two"), dir, LONG("four")}},
		{"renameat back", "rename", SYS_renameat, .dir = 1, .path = 2, .new_dir = 3, .new_path = 4,
		 .arguments = {dir, LONG("four"), AT_FDCWD, LONG(absolute("two"))}},
		{"renameat a directory", "rename", SYS_renameat, .dir = 1, .path = 2, .new_dir = 3, .new_path = 4,
		 .arguments = {dir, LONG("d3/"), dir, LONG("../d3")}, .new_at = absolute("d3")},
		{"renameat2", "rename", SYS_renameat2, .dir = 1, .path = 2, .new_dir = 3, .new_path = 4,
		 .arguments = {AT_FDCWD, LONG("l1"), dir, LONG("five"), 0}},
		{"renameat2 no replace", "rename", SYS_renameat2, .dir = 1, .path = 2, .new_dir = 3, .new_path = 4,
		 .arguments = {dir, LONG("five"), AT_FDCWD, LONG("two"), RENAME_NOREPLACE},
		 .keys = "flags=RENAME_NOREPLACE"},
		{"renameat2 exchange", "rename", SYS_renameat2, .dir = 1, .path = 2, .new_dir = 3, .new_path = 4,
		 .arguments = {dir, LONG("five"), AT_FDCWD, LONG("two"), RENAME_EXCHANGE},
		 .keys = "flags=RENAME_EXCHANGE"},
		{"renameat2 both", "rename", SYS_renameat2, .dir = 1, .path = 2, .new_dir = 3, .new_path = 4,
		 .arguments = {dir, LONG("five"), AT_FDCWD, LONG("two"), RENAME_NOREPLACE | RENAME_EXCHANGE},
		 .keys = "flags=RENAME_NOREPLACE|RENAME_EXCHANGE"},
		{"renameat2 unknown", "rename", SYS_renameat2, .dir = 1, .path = 2, .new_dir = 3, .new_path = 4,
		 .arguments = {dir, LONG("five"), AT_FDCWD, LONG("two"), RENAME_WHITEOUT | 0x40},
		 .keys = "flags=RENAME_WHITEOUT|0x40"},
	};

	make_calls(calls, LENGTH(calls));
}

static void remove_names(int dir)
{
	const struct file_call calls[] = {
		{"unlink", "unlink", SYS_unlink, .path = 1, .arguments = {LONG("two")}},
		{"unlink again", "unlink", SYS_unlink, .path = 1, .arguments = {LONG("two")}},
		{"unlink absolute", "unlink", SYS_unlink, .path = 1, .arguments = {LONG(absolute("l5"))}},
		{"unlink a directory", "unlink", SYS_unlink, .path = 1, .arguments = {LONG("dir")}},
		{"unlink a link", "unlink", SYS_unlink, .path = 1, .arguments = {LONG("to_dir")}},
		{"unlinkat", "unlink", SYS_unlinkat, .dir = 1, .path = 2, .arguments = {dir, LONG("five"), 0}},
		{"unlinkat a directory", "unlink", SYS_unlinkat, .dir = 1, .path = 2,
		 .arguments = {dir, LONG("d5"), 0}},
		{"unlinkat remove", "rmdir", SYS_unlinkat, .dir = 1, .path = 2,
		 .arguments = {dir, LONG("d5"), AT_REMOVEDIR}},
		{"unlinkat remove a file", "rmdir", SYS_unlinkat, .dir = 1, .path = 2,
		 .arguments = {dir, LONG("fifo"), AT_REMOVEDIR}},
		{"unlinkat unknown", "rmdir", SYS_unlinkat, .dir = 1, .path = 2,
		 .arguments = {dir, LONG("fifo"), AT_REMOVEDIR | 0x10000}},
		{"rmdir", "rmdir", SYS_rmdir, .path = 1, .arguments = {LONG("d1")}},
		{"rmdir again", "rmdir", SYS_rmdir, .path = 1, .arguments = {LONG("d1/")}},
		{"rmdir full", "rmdir", SYS_rmdir, .path = 1, .arguments = {LONG("dir")}},
		{"rmdir dot", "rmdir", SYS_rmdir, .path = 1, .arguments = {LONG("d2/.")}, .at = "d2"},
		{"rmdir dots", "rmdir", SYS_rmdir, .path = 1, .arguments = {LONG("d2/..")}, .at = ""},
		{"rmdir absolute", "rmdir", SYS_rmdir, .path = 1, .arguments = {LONG(absolute("d2"))}},
	};

	make_calls(calls, LENGTH(calls));
}

int main(void)
{
	int dir, unnamed;

	umask(0);
	in_child(prepare);
	here = current_directory();
	dir = (int)make_call(&(struct file_call){"directory", "open", SYS_open, .path = 1,
						 .arguments = {LONG("dir"), O_RDONLY}, .keys = "flags=O_RDONLY"});
	unnamed = (int)make_call(&(struct file_call){"unnamed", "open", SYS_open, .path = 1,
						     .arguments = {LONG("dir"), O_TMPFILE | O_RDWR, 0600},
						     .keys = "flags=O_RDWR|O_TMPFILE mode=0600"});
	make_names(dir);
	link_names(dir, unnamed);
	rename_names(dir);
	remove_names(dir);
	return 0;
}
