/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Changes files in inside/, inside-out/ and beside them; both are there. A call that changes something outside says so:
 * outside=true.
 */
#include "file_calls.h"

#include <sys/mman.h>

#define OUTSIDE " outside=true"

static void prepare(void)
{
	if (symlink("../outside", "inside/link"))
		die("prepare");
	write_file("inside/file", "text", 0644);
	write_file("inside/other", "text", 0644);
	write_file("inside-out/file", "text", 0644);
	write_file("outside", "text", 0644);
}

static long open_told(const char *name, int flags, const char *keys)
{
	return make_call(&(struct file_call){"open", "open", SYS_open, .path = 1,
					     .arguments = {LONG(name), flags, 0600}, .keys = keys});
}

static void open_all(void)
{
	open_told("inside/file", O_RDWR, "flags=O_RDWR");
	open_told("inside/new", O_RDWR | O_CREAT, "flags=O_RDWR|O_CREAT mode=0600");
	open_told("outside", O_RDONLY, "flags=O_RDONLY");
	open_told("outside", O_WRONLY, "flags=O_WRONLY" OUTSIDE);
	open_told("inside/link", O_WRONLY, "flags=O_WRONLY" OUTSIDE);
	open_told("inside-out/file", O_RDWR, "flags=O_RDWR" OUTSIDE);
	open_told("inside/../created", O_RDONLY | O_CREAT, "flags=O_RDONLY|O_CREAT mode=0600" OUTSIDE);
	open_told("outside", O_WRONLY | O_CREAT | O_EXCL, "flags=O_WRONLY|O_CREAT|O_EXCL mode=0600");
	open_told("nowhere/file", O_WRONLY, "flags=O_WRONLY");
	open_told("/dev/null", O_WRONLY, "flags=O_WRONLY");
	open_told("/dev/zero", O_RDWR, "flags=O_RDWR");
	open_told("/proc/self/comm", O_WRONLY, "flags=O_WRONLY");
	open_told("/proc/1/comm", O_WRONLY, "flags=O_WRONLY" OUTSIDE);
}

static void rename_told(const char *from, const char *to, const char *keys)
{
	make_call(&(struct file_call){"rename", "rename", SYS_rename, .path = 1, .new_path = 2,
				      .arguments = {LONG(from), LONG(to)}, .keys = keys});
}

static void change_names(void)
{
	const struct file_call calls[] = {
		{"mkdir", "mkdir", SYS_mkdir, .path = 1, .arguments = {LONG("inside/d"), 0700}, .keys = "mode=0700"},
		{"rmdir", "rmdir", SYS_rmdir, .path = 1, .arguments = {LONG("inside/d")}},
		{"mkdir", "mkdir", SYS_mkdir, .path = 1, .arguments = {LONG("d"), 0700}, .keys = "mode=0700" OUTSIDE},
		{"rmdir", "rmdir", SYS_rmdir, .path = 1, .arguments = {LONG("d")}, .keys = "outside=true"},
		{"not there", "rmdir", SYS_rmdir, .path = 1, .arguments = {LONG("d")}},
		{"chmod", "chmod", SYS_chmod, .path = 1, .arguments = {LONG("outside"), 0600},
		 .keys = "mode=0600" OUTSIDE},
		{"unlink", "unlink", SYS_unlink, .path = 1, .arguments = {LONG("inside/link")}},
		{"unlink", "unlink", SYS_unlink, .path = 1, .arguments = {LONG("created")}, .keys = "outside=true"},
	};

	make_calls(calls, LENGTH(calls));
	rename_told("inside/file", "inside/renamed", "");
	rename_told("inside/renamed", "out", "outside=true");
	rename_told("out", "inside/file", "outside=true");
}

/* By descriptors: they lead to the file wherever it is. */
static void change_files(void)
{
	static const struct {
		const char *name;
		const char *size, *mode, *mmap;
	} files[] = {
		{"inside/file", "size=100", "mode=0600", "length=100"},
		{"outside", "size=100" OUTSIDE, "mode=0600" OUTSIDE, "length=100" OUTSIDE},
	};

	for (size_t i = 0; i < LENGTH(files); i++) {
		long fd = open_told(files[i].name, O_RDWR, i ? "flags=O_RDWR" OUTSIDE : "flags=O_RDWR");

		make_call(&(struct file_call){"ftruncate", "truncate", SYS_ftruncate, .fd = 1, .arguments = {fd, 100},
					      .keys = files[i].size});
		make_call(&(struct file_call){"fchmod", "chmod", SYS_fchmod, .fd = 1, .arguments = {fd, 0600},
					      .keys = files[i].mode});
		make_call(&(struct file_call){"mmap", "mmap", SYS_mmap, .fd = 5,
					      .arguments = {0, 100, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0},
					      .keys = files[i].mmap});
		if (write((int)fd, "1234", 4) != 4)
			die("write");
	}
	if (read((int)open_told("inside-out/file", O_RDONLY, "flags=O_RDONLY"), (char[4]){0}, 4) != 4)
		die("read");
}

int main(void)
{
	in_child(prepare);
	open_all();
	change_names();
	change_files();
	return 0;
}
