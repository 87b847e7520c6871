/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * rules_noise ROUNDS: a storm of calls on files in quiet/, so many rounds. In between, told one by one, calls on files
 * in loud/, and those that lead from one to the other.
 */
#include "file_calls.h"

static char *here;
static int quiet; /* the directory */
static long calls; /* in quiet/ */
static long moved; /* calls that read or write in loud/ */
static char bytes[64];

static void prepare(void)
{
	if (mkdir("quiet", 0755) || mkdir("loud", 0755))
		die("mkdir");
	write_file("quiet/there", "text", 0644);
	write_file("loud/there", "text", 0644);
}

static void must(bool done, const char *what)
{
	if (!done)
		die(what);
	calls++;
}

/* Relative, absolute, by a descriptor; what is there and what is not; a name longer than any rule's. */
static void make_noise(void)
{
	static char absolute[PATH_MAX];
	static const char lengthy[] = "quiet/a-name-that-is-longer-than-what-a-rule-in-the-kernel-can-be-about.o";
	int there, made;

	snprintf(absolute, sizeof(absolute), "%s/quiet/missing", here);
	there = open("./quiet//there", O_RDONLY);
	must(there >= 0, "open");
	must(read(there, bytes, sizeof(bytes)) == 4, "read");
	must(close(there) == 0, "close");
	must(open(absolute, O_RDONLY) < 0, "missing");
	must(openat(quiet, "missing/too", O_RDONLY) < 0, "missing");
	made = openat(quiet, "made", O_RDWR | O_CREAT | O_EXCL, 0600);
	must(made >= 0, "made");
	must(write(made, bytes, 10) == 10, "write");
	must(ftruncate(made, 3) == 0, "ftruncate");
	must(close(made) == 0, "close");
	must(rename("quiet/made", lengthy) == 0, "rename");
	must(chmod(lengthy, 0640) == 0, "chmod");
	must(unlink(lengthy) == 0, "unlink");
	must(mkdirat(quiet, "./dir/", 0700) == 0, "mkdir");
	must(unlinkat(quiet, "dir", AT_REMOVEDIR) == 0, "rmdir");
}

static void be_heard(void)
{
	const struct file_call told[] = {
		{"missing", "open", SYS_open, .path = 1, .arguments = {LONG("loud/missing"), O_RDONLY},
		 .keys = "flags=O_RDONLY"},
		{"out", "rename", SYS_rename, .path = 1, .new_path = 2,
		 .arguments = {LONG("quiet/there"), LONG("loud/moved")}},
		{"in", "rename", SYS_rename, .path = 1, .new_path = 2,
		 .arguments = {LONG("loud/moved"), LONG("quiet/there")}},
		{"link out", "link", SYS_link, .path = 1, .new_path = 2,
		 .arguments = {LONG("quiet/there"), LONG("loud/linked")}},
		{"unlink", "unlink", SYS_unlink, .path = 1, .arguments = {LONG("loud/linked")}},
		{"up again", "mkdir", SYS_mkdir, .path = 1, .arguments = {LONG("quiet/../loud/d"), 0700},
		 .at = "loud/d", .keys = "mode=0700"},
		{"rmdir", "rmdir", SYS_rmdir, .path = 1, .arguments = {LONG("loud/d")}},
	};
	const struct file_call open_there = {"there",
					     "open",
					     SYS_open,
					     .path = 1,
					     .arguments = {LONG("loud/there"), O_RDWR},
					     .keys = "flags=O_RDWR"};
	int fd = (int)make_call(&open_there);

	if (pread(fd, bytes, 4, 0) != 4 || pwrite(fd, bytes, 4, 0) != 4 || close(fd))
		die("loud/there");
	moved++;
	make_calls(told, LENGTH(told));
}

int main(int argc, char *argv[])
{
	int rounds = argc == 2 ? atoi(argv[1]) : 0;
	struct truth line;

	if (!rounds)
		return 2;
	in_child(prepare);
	here = current_directory();
	quiet = open("quiet", O_RDONLY | O_DIRECTORY);
	if (quiet < 0)
		die("quiet");
	await_go();
	for (int i = 0; i < rounds; i++) {
		make_noise();
		if (i == rounds / 3 || i == rounds / 3 * 2)
			be_heard();
	}
	line = truth_begin("noise");
	truth_number(&line, "calls", calls);
	truth_number(&line, "moved", moved);
	truth_end(&line);
	return 0;
}
