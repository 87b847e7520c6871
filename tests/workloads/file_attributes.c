/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Every call that changes what is known of a file: mode, owner, size, times, extended attributes. What the calls left
 * behind is compared with what they were told.
 */
#include "file_calls.h"

#include <linux/falloc.h>
#include <sys/time.h>
#include <utime.h>

#define TEXT "user.aa"

/* linux/xattr.h, since 6.13 */
struct value_argument {
	uint64_t value;
	uint32_t size;
	uint32_t flags;
};

static int dir, file, pipes[2];

static void prepare(void)
{
	if (mkdir("dir", 0755) || symlink("plain", "to_plain"))
		die("prepare");
	write_file("plain", "text", 0644);
	write_file("dir/inner", "text", 0644);
}

static void expect_left(const char *path, mode_t mode, uid_t uid, gid_t gid, off_t size)
{
	struct stat status;

	if (lstat(path, &status))
		die(path);
	if ((status.st_mode & 07777) != mode || status.st_uid != uid || status.st_gid != gid || status.st_size != size)
		die("the file is not as it was told");
}

static void change_modes(void)
{
	const struct file_call calls[] = {
		{"chmod", "chmod", SYS_chmod, .path = 1, .arguments = {LONG("plain"), 0600}, .keys = "mode=0600"},
		{"chmod by a link", "chmod", SYS_chmod, .path = 1, .arguments = {LONG("to_plain"), 0},
		 .keys = "mode=0000"},
		{"chmod absent", "chmod", SYS_chmod, .path = 1, .arguments = {LONG("absent"), 0644},
		 .keys = "mode=0644"},
		{"fchmod", "chmod", SYS_fchmod, .fd = 1, .arguments = {file, 04751}, .keys = "mode=04751"},
		{"fchmod pipe", "chmod", SYS_fchmod, .fd = 1, .arguments = {pipes[0], 0600}, .keys = "mode=0600"},
		{"fchmod bad", "chmod", SYS_fchmod, .fd = 1, .arguments = {99, 0644}, .keys = "mode=0644"},
		{"fchmod negative", "chmod", SYS_fchmod, .fd = 1, .arguments = {-1, 0644}, .keys = "mode=0644"},
		{"fchmodat", "chmod", SYS_fchmodat, .dir = 1, .path = 2, .arguments = {dir, LONG("inner"), 0640},
		 .keys = "mode=0640"},
		{"fchmodat2", "chmod", SYS_fchmodat2, .dir = 1, .path = 2, .arguments = {dir, LONG("inner"), 0604, 0},
		 .keys = "mode=0604"},
		{"fchmodat2 of a link", "chmod", SYS_fchmodat2, .dir = 1, .path = 2,
		 .arguments = {AT_FDCWD, LONG("to_plain"), 0604, AT_SYMLINK_NOFOLLOW}, .keys = "mode=0604"},
		{"fchmodat2 wrong", "chmod", SYS_fchmodat2, .dir = 1, .path = 2,
		 .arguments = {AT_FDCWD, LONG("plain"), 0604, 0x800000}, .keys = "mode=0604"},
	};

	make_calls(calls, LENGTH(calls));
}

static void change_owners(void)
{
	const struct file_call calls[] = {
		{"chown", "chown", SYS_chown, .path = 1, .arguments = {LONG("plain"), 1, 2},
		 .keys = "new_uid=1 new_gid=2"},
		{"chown user", "chown", SYS_chown, .path = 1, .arguments = {LONG("to_plain"), 3, -1},
		 .keys = "new_uid=3"},
		{"chown group", "chown", SYS_chown, .path = 1, .arguments = {LONG("plain"), -1, 4},
		 .keys = "new_gid=4"},
		{"chown neither", "chown", SYS_chown, .path = 1, .arguments = {LONG("plain"), -1, -1}},
		{"chown absent", "chown", SYS_chown, .path = 1, .arguments = {LONG("absent"), 0, 0},
		 .keys = "new_uid=0 new_gid=0"},
		{"lchown", "chown", SYS_lchown, .path = 1, .arguments = {LONG("to_plain"), 5, 65535},
		 .keys = "new_uid=5 new_gid=65535"},
		{"fchown", "chown", SYS_fchown, .fd = 1, .arguments = {file, 100000, 4294967294},
		 .keys = "new_uid=100000 new_gid=4294967294"},
		{"fchown bad", "chown", SYS_fchown, .fd = 1, .arguments = {99, 1, -1}, .keys = "new_uid=1"},
		{"fchownat", "chown", SYS_fchownat, .dir = 1, .path = 2, .arguments = {dir, LONG("inner"), 7, -1, 0},
		 .keys = "new_uid=7"},
		{"fchownat of a link", "chown", SYS_fchownat, .dir = 1, .path = 2,
		 .arguments = {AT_FDCWD, LONG("to_plain"), 8, 9, AT_SYMLINK_NOFOLLOW}, .keys = "new_uid=8 new_gid=9"},
		{"fchownat of a descriptor", "chown", SYS_fchownat, .dir = 1, .path = 2, .empty = true,
		 .arguments = {file, LONG(""), -1, 10, AT_EMPTY_PATH}, .keys = "new_gid=10"},
		{"fchownat of a pipe", "chown", SYS_fchownat, .dir = 1, .path = 2, .empty = true,
		 .arguments = {pipes[0], LONG(""), 0, 0, AT_EMPTY_PATH}, .keys = "new_uid=0 new_gid=0"},
		{"fchownat of the directory", "chown", SYS_fchownat, .dir = 1, .path = 2, .empty = true,
		 .arguments = {AT_FDCWD, LONG(""), -1, 0, AT_EMPTY_PATH}, .keys = "new_gid=0"},
	};

	make_calls(calls, LENGTH(calls));
}

static void change_sizes(void)
{
	const struct file_call calls[] = {
		{"truncate", "truncate", SYS_truncate, .path = 1, .arguments = {LONG("to_plain"), 5000000000},
		 .keys = "size=5000000000"},
		{"truncate wrong", "truncate", SYS_truncate, .path = 1, .arguments = {LONG("plain"), -1},
		 .keys = "size=-1"},
		{"truncate a directory", "truncate", SYS_truncate, .path = 1, .arguments = {LONG("dir"), 0},
		 .keys = "size=0"},
		{"ftruncate", "truncate", SYS_ftruncate, .fd = 1, .arguments = {file, 3}, .keys = "size=3"},
		{"ftruncate a pipe", "truncate", SYS_ftruncate, .fd = 1, .arguments = {pipes[1], 3}, .keys = "size=3"},
		{"ftruncate bad", "truncate", SYS_ftruncate, .fd = 1, .arguments = {99, 3}, .keys = "size=3"},
		{"fallocate", "truncate", SYS_fallocate, .fd = 1, .arguments = {file, 0, 4096, 8192},
		 .keys = "size=8192"},
		{"fallocate beside", "truncate", SYS_fallocate, .fd = 1,
		 .arguments = {file, FALLOC_FL_KEEP_SIZE, 0, 65536}, .keys = "size=65536 flags=FALLOC_FL_KEEP_SIZE"},
		{"fallocate a hole", "truncate", SYS_fallocate, .fd = 1,
		 .arguments = {file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096},
		 .keys = "size=4096 flags=FALLOC_FL_KEEP_SIZE|FALLOC_FL_PUNCH_HOLE"},
		{"fallocate a directory", "truncate", SYS_fallocate, .fd = 1, .arguments = {dir, 0, 0, 1},
		 .keys = "size=1"},
		{"fallocate unknown", "truncate", SYS_fallocate, .fd = 1, .arguments = {file, 0x4000, 0, 1},
		 .keys = "size=1 flags=0x4000"},
	};

	make_calls(calls, LENGTH(calls));
}

static void change_times(void)
{
	static const struct utimbuf seconds = {1, 2};
	static const struct timeval micro[2] = {{1, 0}, {2, 0}}, wrong[2] = {{1, 2000000}, {2, 0}};
	static const struct timespec nano[2] = {{1, 0}, {2, 0}};
	const struct file_call calls[] = {
		{"utime", "utime", SYS_utime, .path = 1, .arguments = {LONG("plain"), LONG(&seconds)}},
		{"utime now", "utime", SYS_utime, .path = 1, .arguments = {LONG("to_plain"), 0}},
		{"utimes", "utime", SYS_utimes, .path = 1, .arguments = {LONG("plain"), LONG(micro)}},
		{"utimes wrong", "utime", SYS_utimes, .path = 1, .arguments = {LONG("plain"), LONG(wrong)}},
		{"futimesat", "utime", SYS_futimesat, .dir = 1, .path = 2,
		 .arguments = {dir, LONG("inner"), LONG(micro)}},
		{"futimesat descriptor", "utime", SYS_futimesat, .fd = 1, .arguments = {file, 0, LONG(micro)}},
		{"utimensat", "utime", SYS_utimensat, .dir = 1, .path = 2,
		 .arguments = {AT_FDCWD, LONG("to_plain"), LONG(nano), AT_SYMLINK_NOFOLLOW}},
		{"utimensat below", "utime", SYS_utimensat, .dir = 1, .path = 2,
		 .arguments = {dir, LONG("absent"), 0, 0}},
		{"utimensat empty", "utime", SYS_utimensat, .dir = 1, .path = 2, .empty = true,
		 .arguments = {pipes[0], LONG(""), 0, AT_EMPTY_PATH}},
		{"futimens", "utime", SYS_utimensat, .fd = 1, .arguments = {file, 0, LONG(nano), 0}},
		{"futimens pipe", "utime", SYS_utimensat, .fd = 1, .arguments = {pipes[0], 0, 0, 0}},
		{"futimens bad", "utime", SYS_utimensat, .fd = 1, .arguments = {99, 0, LONG(nano), 0}},
		{"utimensat nothing", "utime", SYS_utimensat, .dir = 1, .path = 2, .arguments = {AT_FDCWD, 0, 0, 0}},
	};

	make_calls(calls, LENGTH(calls));
}

/* An attribute's event has the key "name" for it, and "filename" for what was asked for. */
static void change_attributes(void)
{
	static const char value[] = "value";
	static const struct value_argument of = {(uintptr_t)value, 5, 0};
	const long set[] = {LONG("plain"), LONG(TEXT), LONG(value), 5, 0};
	const struct file_call calls[] = {
		{"setxattr", "xattr", SYS_setxattr, .path = 1, .arguments = {set[0], set[1], set[2], 5, 0}},
		{"setxattr again", "xattr", SYS_setxattr, .path = 1, .arguments = {set[0], set[1], set[2], 5, 1}},
		{"setxattr absent", "xattr", SYS_setxattr, .path = 1,
		 .arguments = {LONG("absent"), set[1], set[2], 5, 0}},
		{"lsetxattr", "xattr", SYS_lsetxattr, .path = 1, .arguments = {LONG("to_plain"), set[1], set[2], 5, 0}},
		{"fsetxattr", "xattr", SYS_fsetxattr, .fd = 1, .arguments = {file, set[1], set[2], 5, 0}},
		{"fsetxattr bad", "xattr", SYS_fsetxattr, .fd = 1, .arguments = {99, set[1], set[2], 5, 0}},
		{"setxattrat", "xattr", SYS_setxattrat, .dir = 1, .path = 2,
		 .arguments = {dir, LONG("inner"), 0, set[1], LONG(&of), sizeof(of)}},
		{"setxattrat empty", "xattr", SYS_setxattrat, .dir = 1, .path = 2, .empty = true,
		 .arguments = {file, LONG(""), AT_EMPTY_PATH, set[1], LONG(&of), sizeof(of)}},
		{"setxattrat descriptor", "xattr", SYS_setxattrat, .fd = 1,
		 .arguments = {file, 0, AT_EMPTY_PATH, set[1], LONG(&of), sizeof(of)}},
	};
	const struct file_call removals[] = {
		{"removexattr", "xattr", SYS_removexattr, .path = 1, .arguments = {LONG("to_plain"), set[1]}},
		{"removexattr again", "xattr", SYS_removexattr, .path = 1, .arguments = {LONG("to_plain"), set[1]}},
		{"lremovexattr", "xattr", SYS_lremovexattr, .path = 1, .arguments = {LONG("to_plain"), set[1]}},
		{"fremovexattr", "xattr", SYS_fremovexattr, .fd = 1, .arguments = {file, set[1]}},
		{"removexattrat", "xattr", SYS_removexattrat, .dir = 1, .path = 2,
		 .arguments = {dir, LONG("inner"), 0, set[1]}},
		{"removexattrat empty", "xattr", SYS_removexattrat, .dir = 1, .path = 2, .empty = true,
		 .arguments = {file, LONG(""), AT_EMPTY_PATH, set[1]}},
	};
	const struct file_call nameless = {"setxattr nameless",
					   "xattr",
					   SYS_setxattr,
					   .path = 1,
					   .arguments = {set[0], LONG(BAD_POINTER), set[2], 5, 0},
					   .keys = "unreadable=name"};

	for (size_t i = 0; i < LENGTH(calls); i++)
		make_call_by(invoke_native, &calls[i], "name=" TEXT);
	for (size_t i = 0; i < LENGTH(removals); i++)
		make_call_by(invoke_native, &removals[i], "name=" TEXT " removed=true");
	make_call(&nameless);
}

int main(void)
{
	in_child(prepare);
	if (pipe(pipes))
		die("pipe");
	dir = (int)make_call(&(struct file_call){"directory", "open", SYS_open, .path = 1,
						 .arguments = {LONG("dir"), O_RDONLY}, .keys = "flags=O_RDONLY"});
	file = (int)make_call(&(struct file_call){"file", "open", SYS_open, .path = 1,
						  .arguments = {LONG("dir/inner"), O_RDWR}, .keys = "flags=O_RDWR"});
	change_modes();
	expect_left("plain", 0, 0, 0, 4);
	change_owners();
	expect_left("plain", 0, 3, 4, 4);
	change_sizes();
	expect_left("plain", 0, 3, 4, 5000000000);
	change_times();
	change_attributes();
	return 0;
}
