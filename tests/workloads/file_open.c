/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Every call that opens a file, with every flag, on files that are there, that are not, and that it makes.
 */
#include "file_calls.h"

#include <linux/openat2.h>

static void prepare(void)
{
	write_file("plain", "text", 0644);
	if (mkdir("dir", 0755) || symlink("plain", "to_plain") || symlink("to_plain", "to_link") ||
	    symlink("made_behind", "dangling") || symlink("dir", "to_dir") || mkfifo("fifo", 0644))
		die("prepare");
	write_file("dir/inner", "text", 0644);
}

static void open_told(const struct file_call *call)
{
	long fd = make_call(call);

	if (fd >= 0)
		close((int)fd);
}

static void open_each(const struct file_call *calls, size_t count)
{
	for (size_t i = 0; i < count; i++)
		open_told(&calls[i]);
}

/* The flags as the source says them, without blanks. */
static void open_with(const char *path, int flags, const char *words, const char *mode)
{
	struct file_call call = {"flags",  "open",    SYS_openat,
				 .dir = 1, .path = 2, .arguments = {AT_FDCWD, LONG(path), flags, 0640}};
	struct truth keys = {0};

	truth_put(&keys, "flags=", 6);
	for (; *words; words++) {
		if (*words != ' ')
			truth_put(&keys, words, 1);
	}
	truth_put(&keys, mode, strlen(mode) + 1);
	call.keys = keys.text;
	open_told(&call);
	free(keys.text);
}

#define OPEN(path, flags) open_with(path, flags, #flags, "")
#define OPEN_MAKING(path, flags) open_with(path, flags, #flags, " mode=0640")

static void open_by_every_call(int dir)
{
	struct open_how read_it = {.flags = O_RDONLY | O_CLOEXEC};
	struct open_how make_it = {.flags = O_RDWR | O_CREAT | O_EXCL, .mode = 0604};
	struct open_how in_vain = {.flags = O_WRONLY};
	const struct file_call calls[] = {
		{"open", "open", SYS_open, .path = 1, .arguments = {LONG("plain"), O_RDONLY}, .keys = "flags=O_RDONLY"},
		{"open absent", "open", SYS_open, .path = 1, .arguments = {LONG("absent"), O_RDWR},
		 .keys = "flags=O_RDWR"},
		{"open making", "open", SYS_open, .path = 1, .arguments = {LONG("by_open"), O_WRONLY | O_CREAT, 0600},
		 .keys = "flags=O_WRONLY|O_CREAT mode=0600"},
		{"creat", "open", SYS_creat, .path = 1, .arguments = {LONG("by_creat"), 0755},
		 .keys = "flags=O_WRONLY|O_CREAT|O_TRUNC mode=0755"},
		{"creat again", "open", SYS_creat, .path = 1, .arguments = {LONG("by_creat"), 0700},
		 .keys = "flags=O_WRONLY|O_CREAT|O_TRUNC mode=0700"},
		{"creat a directory", "open", SYS_creat, .path = 1, .arguments = {LONG("dir"), 0},
		 .keys = "flags=O_WRONLY|O_CREAT|O_TRUNC mode=0000"},
		{"openat", "open", SYS_openat, .dir = 1, .path = 2, .arguments = {dir, LONG("inner"), O_RDWR},
		 .keys = "flags=O_RDWR"},
		{"openat absent", "open", SYS_openat, .dir = 1, .path = 2, .arguments = {dir, LONG("absent"), 0},
		 .keys = "flags=O_RDONLY"},
		{"openat making", "open", SYS_openat, .dir = 1, .path = 2,
		 .arguments = {dir, LONG("by_openat"), O_RDWR | O_CREAT | O_EXCL, 04711},
		 .keys = "flags=O_RDWR|O_CREAT|O_EXCL mode=04711"},
		{"openat making again", "open", SYS_openat, .dir = 1, .path = 2,
		 .arguments = {dir, LONG("by_openat"), O_RDWR | O_CREAT | O_EXCL, 0600},
		 .keys = "flags=O_RDWR|O_CREAT|O_EXCL mode=0600"},
		{"openat2", "open", SYS_openat2, .dir = 1, .path = 2,
		 .arguments = {dir, LONG("inner"), LONG(&read_it), sizeof(read_it)},
		 .keys = "flags=O_RDONLY|O_CLOEXEC"},
		{"openat2 making", "open", SYS_openat2, .dir = 1, .path = 2,
		 .arguments = {dir, LONG("by_openat2"), LONG(&make_it), sizeof(make_it)},
		 .keys = "flags=O_RDWR|O_CREAT|O_EXCL mode=0604"},
		{"openat2 absent", "open", SYS_openat2, .dir = 1, .path = 2,
		 .arguments = {dir, LONG("absent"), LONG(&in_vain), sizeof(in_vain)}, .keys = "flags=O_WRONLY"},
	};

	open_each(calls, LENGTH(calls));
}

static void open_with_every_flag(void)
{
	OPEN("plain", O_RDONLY);
	OPEN("plain", O_WRONLY);
	OPEN("plain", O_RDWR);
	OPEN("plain", O_ACCMODE);
	OPEN("plain", O_RDWR | O_TRUNC);
	OPEN("plain", O_WRONLY | O_APPEND);
	OPEN("plain", O_RDONLY | O_NOCTTY);
	OPEN("plain", O_RDONLY | O_NONBLOCK);
	OPEN("plain", O_RDWR | O_SYNC);
	OPEN("plain", O_RDWR | O_DSYNC);
	OPEN("plain", O_RDONLY | O_ASYNC);
	OPEN("plain", O_RDONLY | O_DIRECT);
	OPEN("plain", O_RDONLY | O_NOFOLLOW);
	OPEN("plain", O_RDONLY | O_NOATIME);
	OPEN("plain", O_RDONLY | O_CLOEXEC);
	OPEN("plain", O_RDONLY | O_PATH);
	OPEN("plain", O_RDONLY | O_DIRECTORY);
	OPEN("plain", O_RDONLY | O_EXCL);
	OPEN("plain", O_RDWR | O_TRUNC | O_APPEND | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	OPEN("dir", O_RDONLY | O_DIRECTORY);
	OPEN("dir", O_WRONLY | O_DIRECTORY);
	OPEN("dir", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_PATH);
	OPEN("fifo", O_RDONLY | O_NONBLOCK);
	OPEN("fifo", O_WRONLY | O_NONBLOCK);
}

/* O_CREAT on what is there makes nothing. */
static void open_and_make(void)
{
	OPEN_MAKING("plain", O_RDWR | O_CREAT);
	OPEN_MAKING("plain", O_RDWR | O_CREAT | O_EXCL);
	OPEN_MAKING("to_plain", O_RDWR | O_CREAT);
	OPEN_MAKING("to_plain", O_RDWR | O_CREAT | O_EXCL);
	OPEN_MAKING("to_plain", O_RDWR | O_CREAT | O_NOFOLLOW);
	OPEN_MAKING("new", O_WRONLY | O_CREAT | O_EXCL | O_TRUNC | O_APPEND);
	OPEN_MAKING("new", O_WRONLY | O_CREAT | O_TRUNC);
	OPEN_MAKING("dangling", O_WRONLY | O_CREAT | O_EXCL);
	OPEN_MAKING("dangling", O_WRONLY | O_CREAT);
	OPEN_MAKING("dangling", O_WRONLY | O_CREAT);
	OPEN_MAKING("dir", O_RDONLY | O_CREAT);
	OPEN_MAKING("new_dir/", O_RDONLY | O_CREAT);
	OPEN_MAKING("absent/new", O_RDONLY | O_CREAT);
	OPEN_MAKING("dir", O_RDWR | O_TMPFILE);
	OPEN_MAKING("dir", O_WRONLY | O_EXCL | O_TMPFILE | O_CLOEXEC);
	OPEN_MAKING("dir", O_RDONLY | O_TMPFILE);
	OPEN_MAKING("plain", O_RDWR | O_TMPFILE);
	OPEN_MAKING("absent", O_RDWR | O_TMPFILE);
}

static void open_through_links(void)
{
	OPEN("to_plain", O_RDONLY);
	OPEN("to_link", O_RDWR);
	OPEN("to_plain", O_RDONLY | O_NOFOLLOW);
	OPEN("to_plain", O_RDONLY | O_NOFOLLOW | O_PATH);
	OPEN("to_link", O_RDONLY | O_PATH);
	OPEN("to_dir/inner", O_RDONLY);
	OPEN("to_dir/inner", O_RDONLY | O_NOFOLLOW);
	OPEN("dir/../to_dir/./inner", O_RDONLY);
	OPEN("/proc/self/cwd/plain", O_RDONLY);
	OPEN("/proc/self/root/dev/null", O_RDWR);
}

int main(void)
{
	int dir;

	umask(022);
	in_child(prepare);
	dir = (int)make_call(&(struct file_call){"directory", "open", SYS_openat, .dir = 1, .path = 2,
						 .arguments = {AT_FDCWD, LONG("dir"), O_RDONLY | O_DIRECTORY},
						 .keys = "flags=O_RDONLY|O_DIRECTORY"});
	open_by_every_call(dir);
	open_with_every_flag();
	open_and_make();
	open_through_links();
	return 0;
}
