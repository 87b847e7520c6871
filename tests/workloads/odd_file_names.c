/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Calls on names that ordinary programs do not make, in an empty current directory. Many of them
 * fail, and are meant to. It tells nothing itself: strace watches it.
 */
#include "truth.h"

#include <linux/openat2.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <utime.h>

#define CLOSED 777 /* no such descriptor */

/* not constants, or the compiler would see through them */
static char *volatile no_address = (char *)8;
static char *volatile null;
static char text[64] = "what is read and written";

static int opened(int dir, const char *name, int flags)
{
	int fd = openat(dir, name, flags, 0640);

	if (fd < 0)
		die(name);
	return fd;
}

static void write_and_close(int fd)
{
	write(fd, text, sizeof text);
	close(fd);
}

static char *long_name(size_t length)
{
	char *name = malloc(length + 1);

	memset(name, 'n', length);
	for (size_t i = 200; i < length; i += 200)
		name[i] = '/';
	name[length] = 0;
	return name;
}

static void open_oddly(void)
{
	struct open_how how = {.flags = O_RDWR | O_CREAT, .mode = 0604, .resolve = RESOLVE_BENEATH};
	char again[64];
	int fd = creat("made", 0), temporary = open(".", O_TMPFILE | O_RDWR, 0640);

	write_and_close(fd);
	write_and_close((int)syscall(SYS_openat2, AT_FDCWD, ".///./how", &how, sizeof how));
	syscall(SYS_openat2, AT_FDCWD, "../outside", &how, sizeof how);
	syscall(SYS_openat2, AT_FDCWD, "size", &how, 3);
	syscall(SYS_openat2, AT_FDCWD, "how", no_address, sizeof how);
	symlink("made", "link");
	symlink("link", "to link");
	symlink("loop", "loop");
	fd = opened(AT_FDCWD, "to link", O_RDWR | O_APPEND | O_SYNC | O_CLOEXEC | O_NOATIME);
	snprintf(again, sizeof again, "/proc/self/fd/%d", fd);
	close(opened(AT_FDCWD, again, O_RDONLY | O_ASYNC));
	close(opened(AT_FDCWD, "link", O_PATH | O_NOFOLLOW));
	close(opened(AT_FDCWD, "made", O_ACCMODE));
	close(opened(AT_FDCWD, "/dev/null", O_RDWR | O_NONBLOCK | O_NOCTTY | O_LARGEFILE));
	write_and_close(temporary);
	open("loop", O_RDONLY);
	open("link", O_RDONLY | O_NOFOLLOW);
	open("made/", O_RDONLY);
	open("made", O_CREAT | O_EXCL | O_RDWR, 0600);
	open("made", O_DIRECTORY);
	open(".", O_RDWR);
	open("", O_RDONLY);
	open(null, O_RDONLY);
	open(no_address, O_WRONLY);
	open("no/such", O_CREAT | O_RDWR, 07777);
	open(long_name(300), O_RDONLY);
	open(long_name(4000), O_RDONLY);
	open(long_name(4095), O_RDONLY);
	openat(CLOSED, "made", O_RDONLY);
	openat(-1, "made", O_RDONLY);
	openat(fd, "made", O_RDONLY);
	openat(fd, "/etc/passwd", O_RDONLY);
	openat(CLOSED, "/no/such", O_RDONLY);
	write_and_close(fd);
}

static void name_oddly(void)
{
	static const char *const names[] = {"new\nline",
					    "\x01\x1b[31m\x7f",
					    "latin\xe9",
					    "\xff\xfe\xed\xa0\x80",
					    "\xe2\x80\xae",
					    "\"<quoted>\\",
					    "gone (deleted)",
					    "...",
					    " ",
					    "=1, 2) = 3<x>"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		write_and_close(opened(AT_FDCWD, names[i], O_CREAT | O_EXCL | O_RDWR));
		chmod(names[i], 04700);
		rename(names[i], "plain");
		symlink(names[i], names[i]);
		setxattr("plain", "user.x\xff\n", "1", 1, 0);
		unlink(names[i]);
		unlink("plain");
	}
}

static void call_by_directory(void)
{
	int one, two;

	mkdir("one", 0);
	mkdirat(AT_FDCWD, "two//", 01777);
	mkdir("one", 0755);
	mkdir("", 1);
	one = opened(AT_FDCWD, "one", O_DIRECTORY);
	two = opened(AT_FDCWD, "two", O_PATH);
	close(opened(one, "a", O_CREAT | O_WRONLY));
	renameat(one, "a", two, "../two/./b");
	linkat(two, "b", one, "c", 0);
	symlinkat("t\n", one, "d");
	renameat2(one, "c", one, "d", RENAME_EXCHANGE);
	renameat2(one, "c", two, "b", RENAME_NOREPLACE);
	mknodat(two, "fifo", S_IFIFO | 0620, 0);
	mknod("null", S_IFCHR | 0666, makedev(1, 3));
	mknod("r", 0, 0);
	fchmodat(two, "b", 0, 0);
	fchownat(one, "c", 1, -1, AT_SYMLINK_NOFOLLOW);
	fchownat(two, "", -1, 2, AT_EMPTY_PATH);
	fchownat(CLOSED, "", 1, 1, AT_EMPTY_PATH);
	fchmodat(CLOSED, "b", 1, 0);
	unlinkat(-1, "b", 0);
	utimensat(one, "d", NULL, AT_SYMLINK_NOFOLLOW);
	futimesat(two, "b", NULL);
	futimesat(one, NULL, NULL);
	syscall(SYS_utimensat, AT_FDCWD, NULL, NULL, 0);
	syscall(SYS_utimensat, CLOSED, NULL, NULL, 0);
	fchownat(AT_FDCWD, "", -1, -1, AT_EMPTY_PATH);
	linkat(CLOSED, "", two, "e", AT_EMPTY_PATH);
	link("one/d", "two/f");
	link("two/b", "/proc/g");
	unlinkat(one, "../one/d", 0);
	unlinkat(one, "c", AT_REMOVEDIR);
	unlinkat(one, "c", 0);
	unlink("one");
	unlinkat(AT_FDCWD, "one", AT_REMOVEDIR);
	rmdir("two");
	rmdir(".");
	rmdir(no_address);
	rename("two", "two/in");
	openat(one, "in the removed", O_CREAT, 0600);
	unlinkat(one, "x", 0);
	close(one);
	close(two);
}

static void move_about(void)
{
	int back = opened(AT_FDCWD, ".", O_RDONLY);

	mkdir("here", 0755);
	symlink("here", "there");
	chdir("there");
	write_and_close(opened(AT_FDCWD, "first", O_CREAT | O_WRONLY));
	rename("first", "../first");
	rename("../here", "../away");
	write_and_close(opened(AT_FDCWD, "second", O_CREAT | O_WRONLY));
	unlink("second");
	rmdir("../away");
	/* strace tells the current directory only where AT_FDCWD stands for it */
	open("third", O_RDONLY);
	unlink("fourth");
	mkdir("fifth", 0700);
	chdir("nowhere");
	fchdir(CLOSED);
	fchdir(back);
	unlink("first");
	unlink("there");
	close(back);
}

static void call_by_name(void)
{
	close(opened(AT_FDCWD, "file", O_CREAT | O_RDWR));
	symlink("file", "name");
	truncate("name", 100);
	truncate("file", -1);
	truncate("no", 1);
	truncate(".", 1);
	chmod("name", 0);
	chmod("no", 07777);
	chown("file", 5, 6);
	lchown("name", -1, 7);
	chown("", 1, 1);
	utime("file", NULL);
	utimes("name", NULL);
	utime("no", NULL);
	utimes(no_address, NULL);
	chmod(null, 1);
	setxattr("name", "user.b", "12", 2, 0);
	lsetxattr("name", "user.b", "1", 1, 0);
	setxattr("no", "user.c", 0, 0, 0);
	removexattr("file", "user.b");
	lremovexattr("name", "user.d");
	setxattr("file", no_address, "1", 1, 0);
	symlink(no_address, "x");
	symlink("", "y");
	symlink("x", "name");
	rename("no", "file");
	rename(no_address, "z");
	rename("file", no_address);
	link("file", "name");
	link(no_address, no_address);
	link(".", "dot");
	unlink("/");
	unlink("name/");
	unlink("name");
	unlink("./../file");
	unlink("file");
	unlink(long_name(300));
	rmdir("/../../no/./such//");
}

static void change_root(void)
{
	int outside = opened(AT_FDCWD, "/", O_PATH), up = opened(AT_FDCWD, ".", O_DIRECTORY);
	pid_t pid;

	mkdir("root", 0755);
	mkdir("root/sub", 0755);
	pid = fork_or_die();
	if (pid == 0) {
		chroot("no");
		chroot("root");
		write_and_close(opened(AT_FDCWD, "still outside", O_CREAT | O_RDWR));
		write_and_close(opened(AT_FDCWD, "/inside", O_CREAT | O_RDWR));
		chdir("/sub");
		rename("../inside", "/../../moved");
		unlink("/./no");
		openat(up, "no", O_RDONLY);
		close(opened(outside, "etc/passwd", O_RDONLY));
		open("/etc/passwd", O_RDONLY);
		unlinkat(up, "still outside", 0);
		unlinkat(outside, "etc/no", 0);
		symlink("/", "sub");
		unlink("sub");
		mkdir("../../new", 0700);
		rmdir("/new");
		unlink("/moved");
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	rmdir("root/sub");
	rmdir("root");
	close(outside);
	close(up);
}

static int child_that_shares_our_directory(void *unused)
{
	(void)unused;
	return chdir("shared");
}

static void share_directory(void)
{
	static char stack[65536];

	mkdir("shared", 0755);
	waitpid(clone(child_that_shares_our_directory, stack + sizeof stack, CLONE_FS | SIGCHLD, NULL), NULL, 0);
	mkdir("in it", 0755);
	rmdir("in it");
	chdir("..");
	rmdir("shared");
}

int main(void)
{
	open_oddly();
	name_oddly();
	call_by_directory();
	move_about();
	call_by_name();
	change_root();
	share_directory();
	return 0;
}
