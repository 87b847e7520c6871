/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The calls on files as a 32-bit program makes them: every row of its own, 64-bit numbers in two halves, ids of 16
 * bits, arguments in memory.
 */
#include "file_calls.h"
#include "compat.h"

#include <linux/falloc.h>
#include <linux/openat2.h>

#define S(string) LONG(low_string(string))
#define NAME "name=user.aa"
#define WIDE(number) (long)(uint32_t)(number), (long)((uint64_t)(number) >> 32)

static const int64_t HUGE_SIZE = 5000000000, LARGE_SIZE = 0x90000000;

static int dir, file;

static void prepare(void)
{
	if (mkdir("dir", 0755) || symlink("plain", "to_plain"))
		die("prepare");
	write_file("plain", "text", 0644);
	write_file("dir/inner", "text", 0644);
	if (truncate("dir/inner", HUGE_SIZE))
		die("truncate");
}

static void call_each(const struct file_call *calls, size_t count)
{
	for (size_t i = 0; i < count; i++)
		make_call_by(invoke_32, &calls[i], "compat=true");
}

static void open_files(void)
{
	const struct open_how how = {.flags = O_RDWR | O_CREAT, .mode = 0600};
	const struct file_call calls[] = {
		{"open", "open", 5, .path = 1, .arguments = {S("plain"), O_RDWR}, .keys = "flags=O_RDWR"},
		{"open making", "open", 5, .path = 1, .arguments = {S("a"), O_WRONLY | O_CREAT, 0600},
		 .keys = "flags=O_WRONLY|O_CREAT mode=0600"},
		{"open large", "open", 5, .path = 1, .arguments = {S("plain"), 0100000},
		 .keys = "flags=O_RDONLY|O_LARGEFILE"},
		{"open absent", "open", 5, .path = 1, .arguments = {S("absent"), 0}, .keys = "flags=O_RDONLY"},
		{"open nothing", "open", 5, .path = 1, .arguments = {LONG(BAD_POINTER), 0}, .keys = "flags=O_RDONLY"},
		{"creat", "open", 8, .path = 1, .arguments = {S("b"), 0640},
		 .keys = "flags=O_WRONLY|O_CREAT|O_TRUNC mode=0640"},
		{"openat", "open", 295, .dir = 1, .path = 2, .arguments = {dir, S("inner"), O_RDONLY},
		 .keys = "flags=O_RDONLY"},
		{"openat cwd", "open", 295, .dir = 1, .path = 2, .arguments = {AT_FDCWD, S("to_plain"), O_NOFOLLOW},
		 .keys = "flags=O_RDONLY|O_NOFOLLOW"},
		{"openat2", "open", 437, .dir = 1, .path = 2,
		 .arguments = {AT_FDCWD, S("c"), LONG(low(&how, sizeof(how))), sizeof(how)},
		 .keys = "flags=O_RDWR|O_CREAT mode=0600"},
		{"handle", "open", 342, .arguments = {99, S("xxxxxxxxxxxxxxxx"), O_RDWR}, .keys = "flags=O_RDWR"},
	};

	call_each(calls, LENGTH(calls));
}

static void change_names(void)
{
	const struct file_call calls[] = {
		{"mkdir", "mkdir", 39, .path = 1, .arguments = {S("d"), 0700}, .keys = "mode=0700"},
		{"mkdirat", "mkdir", 296, .dir = 1, .path = 2, .arguments = {dir, S("e"), 0711}, .keys = "mode=0711"},
		{"mknod", "mknod", 14, .path = 1, .arguments = {S("f"), S_IFIFO | 0600}, .keys = "mode=010600"},
		{"mknodat", "mknod", 297, .dir = 1, .path = 2, .arguments = {dir, S("g"), S_IFREG | 0600},
		 .keys = "mode=0100600"},
		{"rename", "rename", 38, .path = 1, .new_path = 2, .arguments = {S("f"), S("h")}},
		{"renameat", "rename", 302, .dir = 1, .path = 2, .new_dir = 3, .new_path = 4,
		 .arguments = {AT_FDCWD, S("h"), dir, S("h")}},
		{"renameat2", "rename", 353, .dir = 1, .path = 2, .new_dir = 3, .new_path = 4,
		 .arguments = {dir, S("h"), AT_FDCWD, S("plain"), 1}, .keys = "flags=RENAME_NOREPLACE"},
		{"link", "link", 9, .path = 1, .new_path = 2, .arguments = {S("a"), S("i")}},
		{"linkat", "link", 303, .dir = 1, .path = 2, .new_dir = 3, .new_path = 4,
		 .arguments = {dir, S("g"), AT_FDCWD, S("j")}},
		{"symlink", "symlink", 83, .path = 2, .arguments = {S("to"), S("k")}, .keys = "target=to"},
		{"symlinkat", "symlink", 304, .dir = 2, .path = 3, .arguments = {S("to"), dir, S("k")},
		 .keys = "target=to"},
		{"unlink", "unlink", 10, .path = 1, .arguments = {S("k")}},
		{"unlinkat", "unlink", 301, .dir = 1, .path = 2, .arguments = {dir, S("k")}},
		{"unlinkat remove", "rmdir", 301, .dir = 1, .path = 2, .arguments = {dir, S("e"), AT_REMOVEDIR}},
		{"rmdir", "rmdir", 40, .path = 1, .arguments = {S("d")}},
		{"rmdir absent", "rmdir", 40, .path = 1, .arguments = {S("d/../d")}, .at = "d"},
	};

	call_each(calls, LENGTH(calls));
}

static void change_modes_and_owners(void)
{
	const struct file_call calls[] = {
		{"chmod", "chmod", 15, .path = 1, .arguments = {S("plain"), 0600}, .keys = "mode=0600"},
		{"fchmod", "chmod", 94, .fd = 1, .arguments = {file, 0640}, .keys = "mode=0640"},
		{"fchmodat", "chmod", 306, .dir = 1, .path = 2, .arguments = {dir, S("g"), 0604}, .keys = "mode=0604"},
		{"fchmodat2", "chmod", 452, .dir = 1, .path = 2, .arguments = {dir, S("g"), 0600}, .keys = "mode=0600"},
		{"chown", "chown", 212, .path = 1, .arguments = {S("plain"), 100000, -1}, .keys = "new_uid=100000"},
		{"lchown", "chown", 198, .path = 1, .arguments = {S("to_plain"), 65535, 4294967294},
		 .keys = "new_uid=65535 new_gid=4294967294"},
		{"fchown", "chown", 207, .fd = 1, .arguments = {file, -1, 65536}, .keys = "new_gid=65536"},
		{"fchownat", "chown", 298, .dir = 1, .path = 2, .arguments = {dir, S("g"), -1, -1}},
		{"chown 16", "chown", 182, .path = 1, .arguments = {S("plain"), 0xffff, 65534},
		 .keys = "new_gid=65534"},
		{"chown 16 signed", "chown", 182, .path = 1, .arguments = {S("plain"), 3, -1}, .keys = "new_uid=3"},
		{"lchown 16", "chown", 16, .path = 1, .arguments = {S("to_plain"), 4, 5},
		 .keys = "new_uid=4 new_gid=5"},
		{"fchown 16", "chown", 95, .fd = 1, .arguments = {file, 0xffff, 0xffff}},
		/* the kernel looks at the lower halves */
		{"chown 16 wide", "chown", 182, .path = 1, .arguments = {S("plain"), 0x50006, 0x7ffff},
		 .keys = "new_uid=6"},
	};
	struct stat status;

	call_each(calls, LENGTH(calls));
	if (stat("plain", &status) || status.st_uid != 6 || status.st_gid != 65534)
		die("the owner is not what was told");
}

static void change_sizes(void)
{
	const long hole = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
	const struct file_call calls[] = {
		{"truncate", "truncate", 92, .path = 1, .arguments = {S("plain"), 70000}, .keys = "size=70000"},
		{"truncate wrong", "truncate", 92, .path = 1, .arguments = {S("plain"), -2}, .keys = "size=-2"},
		{"truncate64", "truncate", 193, .path = 1, .arguments = {S("plain"), WIDE(HUGE_SIZE)},
		 .keys = "size=5000000000"},
		{"truncate64 low", "truncate", 193, .path = 1, .arguments = {S("plain"), WIDE(LARGE_SIZE)},
		 .keys = "size=2415919104"},
		{"truncate64 wrong", "truncate", 193, .path = 1, .arguments = {S("plain"), WIDE(-1)},
		 .keys = "size=-1"},
		{"ftruncate", "truncate", 93, .fd = 1, .arguments = {file, 8}, .keys = "size=8"},
		{"ftruncate64", "truncate", 194, .fd = 1, .arguments = {file, WIDE(HUGE_SIZE)},
		 .keys = "size=5000000000"},
		{"fallocate", "truncate", 324, .fd = 1, .arguments = {file, hole, WIDE(HUGE_SIZE), WIDE(HUGE_SIZE + 1)},
		 .keys = "size=5000000001 flags=FALLOC_FL_KEEP_SIZE|FALLOC_FL_PUNCH_HOLE"},
		{"fallocate wrong", "truncate", 324, .fd = 1, .arguments = {file, 0, WIDE(4096), WIDE(-4096)},
		 .keys = "size=-4096"},
	};
	struct stat status;

	call_each(calls, LENGTH(calls));
	if (fstat(file, &status) || status.st_size != HUGE_SIZE)
		die("the size is not what was told");
}

static void change_times_and_attributes(void)
{
	const struct file_call times[] = {
		{"utime", "utime", 30, .path = 1, .arguments = {S("plain")}},
		{"utimes", "utime", 271, .path = 1, .arguments = {S("plain")}},
		{"futimesat", "utime", 299, .dir = 1, .path = 2, .arguments = {dir, S("inner")}},
		{"utimensat", "utime", 320, .dir = 1, .path = 2, .arguments = {AT_FDCWD, S("absent")}},
		{"futimens", "utime", 320, .fd = 1, .arguments = {file}},
		{"utimensat_time64", "utime", 412, .dir = 1, .path = 2, .arguments = {dir, S("inner")}},
		{"utimensat nothing", "utime", 412, .dir = 1, .path = 2, .arguments = {AT_FDCWD, 0}},
	};
	const struct file_call attributes[] = {
		{"setxattr", "xattr", 226, .path = 1, .arguments = {S("plain"), S("user.aa"), S("v"), 1}, .keys = NAME},
		{"lsetxattr", "xattr", 227, .path = 1, .arguments = {S("to_plain"), S("user.aa"), S("v"), 1},
		 .keys = NAME},
		{"fsetxattr", "xattr", 228, .fd = 1, .arguments = {file, S("user.aa"), S("v"), 1}, .keys = NAME},
		{"setxattrat", "xattr", 463, .dir = 1, .path = 2,
		 .arguments = {dir, S("g"), 0, S("user.aa"), S("v"), 0}, .keys = NAME},
		{"removexattr", "xattr", 235, .path = 1, .arguments = {S("plain"), S("user.aa")},
		 .keys = NAME " removed=true"},
		{"lremovexattr", "xattr", 236, .path = 1, .arguments = {S("absent"), S("user.aa")},
		 .keys = NAME " removed=true"},
		{"fremovexattr", "xattr", 237, .fd = 1, .arguments = {file, S("user.aa")},
		 .keys = NAME " removed=true"},
		{"removexattrat", "xattr", 466, .dir = 1, .path = 2, .arguments = {dir, S("inner"), 0, S("user.aa")},
		 .keys = NAME " removed=true"},
	};

	call_each(times, LENGTH(times));
	call_each(attributes, LENGTH(attributes));
}

/* i386's first mmap: its arguments are in memory. */
static long invoke_block(long number, const long *a)
{
	uint32_t block[6];
	long arguments[6] = {0};

	for (int i = 0; i < 6; i++)
		block[i] = (uint32_t)a[i];
	arguments[0] = LONG(low(block, sizeof(block)));
	return invoke_32(number, arguments);
}

static void map_files(void)
{
	const long both = PROT_READ | PROT_WRITE;
	const struct file_call two = {"mmap2",
				      "mmap",
				      192,
				      .fd = 5,
				      .arguments = {0, 8192, both, MAP_SHARED, file, 1},
				      .keys = "length=8192"};
	const struct file_call large = {"mmap2",
					"mmap",
					192,
					.fd = 5,
					.arguments = {0, LARGE_SIZE, both, MAP_SHARED, file, 0},
					.keys = "length=2415919104"};
	const struct file_call old = {"mmap",
				      "mmap",
				      90,
				      .fd = 5,
				      .arguments = {0, 4096, both, MAP_SHARED, file, 4096},
				      .keys = "length=4096"};
	const long quiet[][6] = {{0, 4096, both, MAP_PRIVATE, file, 0}, {0, 4096, PROT_READ, MAP_SHARED, file, 0}};

	make_call_by(invoke_32, &two, "compat=true");
	make_call_by(invoke_block, &old, "compat=true");
	if (make_call_by(invoke_32, &large, "compat=true") < 0)
		die("mmap2 large");
	for (size_t i = 0; i < LENGTH(quiet); i++) {
		if (invoke_block(90, quiet[i]) < 0 || invoke_32(192, quiet[i]) < 0)
			die("a mapping that is not told");
	}
}

static int open_told(const char *name, int flags, const char *keys)
{
	return (int)make_call(&(struct file_call){"native", "open", SYS_openat, .dir = 1, .path = 2,
						  .arguments = {AT_FDCWD, LONG(name), flags}, .keys = keys});
}

int main(void)
{
	if (!has_compat()) {
		tell_unsupported(NO_COMPAT);
		return 0;
	}
	in_child(prepare);
	dir = open_told("dir", O_RDONLY, "flags=O_RDONLY");
	file = open_told("dir/inner", O_RDWR, "flags=O_RDWR");
	open_files();
	change_names();
	change_modes_and_owners();
	change_sizes();
	change_times_and_attributes();
	map_files();
	/* the same thread, as the 64-bit program that it is */
	open_told("plain", O_RDWR, "flags=O_RDWR");
	return 0;
}
