/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * file_failures [user]: every call that takes a name, with every name that makes it fail; as another user with what
 * that user may not do.
 */
#include "file_calls.h"

#include <linux/openat2.h>

static const struct open_how how = {.flags = O_RDWR};
static const struct {
	uint64_t value;
	uint32_t size, flags;
} value = {0, 0, 0};

static const struct file_call forms[] = {
	{"open", "open", SYS_open, .path = 1, .arguments = {0, O_RDWR}, .keys = "flags=O_RDWR"},
	{"creat", "open", SYS_creat, .path = 1, .arguments = {0, 0600},
	 .keys = "flags=O_WRONLY|O_CREAT|O_TRUNC mode=0600"},
	{"openat", "open", SYS_openat, .dir = 1, .path = 2, .arguments = {0, 0, O_RDONLY}, .keys = "flags=O_RDONLY"},
	{"openat2", "open", SYS_openat2, .dir = 1, .path = 2, .arguments = {0, 0, LONG(&how), sizeof(how)},
	 .keys = "flags=O_RDWR"},
	{"unlink", "unlink", SYS_unlink, .path = 1},
	{"unlinkat", "unlink", SYS_unlinkat, .dir = 1, .path = 2},
	{"unlinkat remove", "rmdir", SYS_unlinkat, .dir = 1, .path = 2, .arguments = {0, 0, AT_REMOVEDIR}},
	{"rmdir", "rmdir", SYS_rmdir, .path = 1},
	{"mkdir", "mkdir", SYS_mkdir, .path = 1, .arguments = {0, 0755}, .keys = "mode=0755"},
	{"mkdirat", "mkdir", SYS_mkdirat, .dir = 1, .path = 2, .arguments = {0, 0, 0700}, .keys = "mode=0700"},
	{"mknod", "mknod", SYS_mknod, .path = 1, .arguments = {0, S_IFIFO | 0600}, .keys = "mode=010600"},
	{"mknodat", "mknod", SYS_mknodat, .dir = 1, .path = 2, .arguments = {0, 0, S_IFREG | 0600},
	 .keys = "mode=0100600"},
	{"rename", "rename", SYS_rename, .path = 1, .new_path = 2},
	{"renameat", "rename", SYS_renameat, .dir = 1, .path = 2, .new_dir = 3, .new_path = 4},
	{"renameat2", "rename", SYS_renameat2, .dir = 1, .path = 2, .new_dir = 3, .new_path = 4},
	{"link", "link", SYS_link, .path = 1, .new_path = 2},
	{"linkat", "link", SYS_linkat, .dir = 1, .path = 2, .new_dir = 3, .new_path = 4},
	{"symlink", "symlink", SYS_symlink, .path = 2, .arguments = {LONG("t")}, .keys = "target=t"},
	{"symlinkat", "symlink", SYS_symlinkat, .dir = 2, .path = 3, .arguments = {LONG("t")}, .keys = "target=t"},
	{"chmod", "chmod", SYS_chmod, .path = 1, .arguments = {0, 0600}, .keys = "mode=0600"},
	{"fchmodat", "chmod", SYS_fchmodat, .dir = 1, .path = 2, .arguments = {0, 0, 0600}, .keys = "mode=0600"},
	{"fchmodat2", "chmod", SYS_fchmodat2, .dir = 1, .path = 2, .arguments = {0, 0, 0600}, .keys = "mode=0600"},
	{"chown", "chown", SYS_chown, .path = 1, .arguments = {0, 1, -1}, .keys = "new_uid=1"},
	{"lchown", "chown", SYS_lchown, .path = 1, .arguments = {0, -1, 1}, .keys = "new_gid=1"},
	{"fchownat", "chown", SYS_fchownat, .dir = 1, .path = 2, .arguments = {0, 0, 1, 2},
	 .keys = "new_uid=1 new_gid=2"},
	{"truncate", "truncate", SYS_truncate, .path = 1, .arguments = {0, 7}, .keys = "size=7"},
	{"utime", "utime", SYS_utime, .path = 1},
	{"utimes", "utime", SYS_utimes, .path = 1},
	{"futimesat", "utime", SYS_futimesat, .dir = 1, .path = 2},
	{"utimensat", "utime", SYS_utimensat, .dir = 1, .path = 2},
	{"setxattr", "xattr", SYS_setxattr, .path = 1, .arguments = {0, LONG("user.a"), LONG(""), 0},
	 .keys = "name=user.a"},
	{"lsetxattr", "xattr", SYS_lsetxattr, .path = 1, .arguments = {0, LONG("user.a"), LONG(""), 0},
	 .keys = "name=user.a"},
	{"setxattrat", "xattr", SYS_setxattrat, .dir = 1, .path = 2,
	 .arguments = {0, 0, 0, LONG("user.a"), LONG(&value), sizeof(value)}, .keys = "name=user.a"},
	{"removexattr", "xattr", SYS_removexattr, .path = 1, .arguments = {0, LONG("user.a")},
	 .keys = "name=user.a removed=true"},
	{"lremovexattr", "xattr", SYS_lremovexattr, .path = 1, .arguments = {0, LONG("user.a")},
	 .keys = "name=user.a removed=true"},
	{"removexattrat", "xattr", SYS_removexattrat, .dir = 1, .path = 2, .arguments = {0, 0, 0, LONG("user.a")},
	 .keys = "name=user.a removed=true"},
};

struct failure {
	const char *name;
	int error;
};

static char long_name[NAME_MAX + 2];

static const struct failure names[] = {
	{"", ENOENT},	       {"absent/x", ENOENT},	    {"plain/x", ENOTDIR},
	{"loop/x", ELOOP},     {"/nowhere/at all", ENOENT}, {long_name, ENAMETOOLONG},
	{BAD_POINTER, EFAULT},
};

static void prepare(void)
{
	if (symlink("loop", "loop") || mkdir("locked", 0700))
		die("prepare");
	write_file("plain", "text", 0644);
}

/* One of the names is `name`, relative to `dir`; the other is a good one. */
static void fail(const struct file_call *form, bool new, int dir, const char *name, int error)
{
	struct file_call call = *form;
	int name_index = new ? call.new_path : call.path, dir_index = new ? call.new_dir : call.dir;
	long result;

	if (call.dir)
		call.arguments[call.dir - 1] = AT_FDCWD;
	if (call.new_dir)
		call.arguments[call.new_dir - 1] = AT_FDCWD;
	call.arguments[call.path - 1] = LONG("plain");
	if (call.new_path)
		call.arguments[call.new_path - 1] = LONG("fresh");
	call.arguments[name_index - 1] = LONG(name);
	if (dir_index)
		call.arguments[dir_index - 1] = dir;
	result = make_call(&call);
	if (result != -error && result != -ENOSYS) {
		errno = (int)-result;
		die(form->name);
	}
}

/* Returns a descriptor of the process's own that is no file's. */
static int open_pipe(void)
{
	int ends[2];

	if (pipe(ends))
		die("pipe");
	return ends[0];
}

static void fail_each_way(const struct file_call *form, bool new, int file, int no_file)
{
	for (size_t i = 0; i < LENGTH(names); i++)
		fail(form, new, AT_FDCWD, names[i].name, names[i].error);
	if (!(new ? form->new_dir : form->dir))
		return;
	fail(form, new, 99, "x", EBADF);
	fail(form, new, file, "x", ENOTDIR);
	fail(form, new, no_file, "x", ENOTDIR);
	/* an absolute name makes the descriptor meaningless */
	fail(form, new, 99, "/nowhere/at all", ENOENT);
}

static void fail_as_user(void)
{
	if (setegid(65533) || seteuid(65534))
		die("seteuid");
	for (size_t i = 0; i < LENGTH(forms); i++) {
		fail(&forms[i], false, AT_FDCWD, "locked/x", EACCES);
		if (forms[i].new_path)
			fail(&forms[i], true, AT_FDCWD, "locked/x", EACCES);
	}
}

int main(int argc, char *argv[])
{
	int file, no_file;

	(void)argv;
	memset(long_name, 'n', sizeof(long_name) - 1);
	in_child(prepare);
	if (argc > 1) {
		fail_as_user();
		return 0;
	}
	no_file = open_pipe();
	file = (int)make_call(&(struct file_call){"file", "open", SYS_open, .path = 1,
						  .arguments = {LONG("plain"), O_RDONLY}, .keys = "flags=O_RDONLY"});
	for (size_t i = 0; i < LENGTH(forms); i++) {
		fail_each_way(&forms[i], false, file, no_file);
		if (forms[i].new_path)
			fail_each_way(&forms[i], true, file, no_file);
	}
	return 0;
}
