/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Files without a path, and files whose path is gone or new: by descriptors of them and through /proc/self/fd.
 */
#include "file_calls.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

static void prepare(void)
{
	static const char *const names[] = {"gone", "moved", "linked", "odd (deleted)", "replaced", "other"};

	for (size_t i = 0; i < LENGTH(names); i++)
		write_file(names[i], "text", 0644);
	if (link("linked", "second") || mkdir("dir", 0755) || mkdir("dir/sub", 0755))
		die("prepare");
}

static int known(int fd)
{
	if (fd < 0)
		die("descriptor");
	return fd;
}

static int open_told(const char *path)
{
	return known((int)make_call(&(struct file_call){
		"file", "open", SYS_open, .path = 1, .arguments = {LONG(path), O_RDONLY}, .keys = "flags=O_RDONLY"}));
}

/* What the kernel allows of these differs; what they are called does not. */
static void change(int fd)
{
	make_call(&(struct file_call){"fchmod", "chmod", SYS_fchmod, .fd = 1, .arguments = {fd, 0600},
				      .keys = "mode=0600"});
	make_call(&(struct file_call){"utime", "utime", SYS_utimensat, .fd = 1, .arguments = {fd, 0, 0, 0}});
}

static void open_again(int fd, int flags, const char *keys)
{
	char name[64];
	struct file_call call = {"again", "open", SYS_openat, .dir = 1, .path = 2, .keys = keys};
	long again;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	call.arguments[0] = AT_FDCWD;
	call.arguments[1] = LONG(name);
	call.arguments[2] = flags;
	again = make_call(&call);
	if (again >= 0)
		close((int)again);
}

static void change_pathless(void)
{
	int pipes[2], sockets[2];
	sigset_t none;

	sigemptyset(&none);
	if (pipe(pipes) || socketpair(AF_UNIX, SOCK_STREAM, 0, sockets))
		die("pipes and sockets");
	const int files[] = {pipes[0],
			     pipes[1],
			     sockets[0],
			     known(socket(AF_INET, SOCK_STREAM, 0)),
			     known(eventfd(0, 0)),
			     known(epoll_create1(0)),
			     known(timerfd_create(CLOCK_MONOTONIC, 0)),
			     known(signalfd(-1, &none, 0)),
			     known(inotify_init1(0)),
			     known((int)syscall(SYS_pidfd_open, getpid(), 0)),
			     known(memfd_create("plain", 0)),
			     known(memfd_create("odd \xff\n(deleted)", MFD_ALLOW_SEALING)),
			     known(memfd_create("", 0))};

	for (size_t i = 0; i < LENGTH(files); i++) {
		change(files[i]);
		open_again(files[i], O_RDWR | O_NONBLOCK, "flags=O_RDWR|O_NONBLOCK");
		open_again(files[i], O_PATH, "flags=O_RDONLY|O_PATH");
	}
	make_call(&(struct file_call){"below a socket", "mkdir", SYS_mkdirat, .dir = 1, .path = 2,
				      .arguments = {sockets[0], LONG("x"), 0700}, .keys = "mode=0700"});
	make_call(&(struct file_call){"memfd", "truncate", SYS_ftruncate, .fd = 1, .arguments = {files[10], 4096},
				      .keys = "size=4096"});
}

static void open_namespace(const char *path)
{
	change(open_told(path));
}

static void tell_removal(const char *event, long number, const char *name, const char *new)
{
	make_call(&(struct file_call){event, event, number, .path = 1, .new_path = new ? 2 : 0,
				      .arguments = {LONG(name), LONG(new)}});
}

static void change_what_is_gone(void)
{
	const int gone = open_told("gone"), moved = open_told("moved"), linked = open_told("linked");
	const int odd = open_told("odd (deleted)"), replaced = open_told("replaced"), sub = open_told("dir/sub");

	tell_removal("unlink", SYS_unlink, "gone", NULL);
	change(gone);
	open_again(gone, O_RDWR, "flags=O_RDWR");
	make_call(&(struct file_call){"not to be linked", "link", SYS_linkat, .dir = 1, .path = 2, .new_dir = 3,
				      .new_path = 4,
				      .arguments = {gone, LONG(""), AT_FDCWD, LONG("l"), AT_EMPTY_PATH}});
	tell_removal("rename", SYS_rename, "moved", "dir/moved");
	change(moved);
	open_again(moved, O_RDWR, "flags=O_RDWR");
	tell_removal("unlink", SYS_unlink, "linked", NULL);
	change(linked);
	change(odd);
	tell_removal("rename", SYS_rename, "other", "replaced");
	change(replaced);
	tell_removal("rmdir", SYS_rmdir, "dir/sub", NULL);
	change(sub);
	make_call(&(struct file_call){"below what is gone", "mkdir", SYS_mkdirat, .dir = 1, .path = 2,
				      .arguments = {sub, LONG("x"), 0700}, .keys = "mode=0700"});
	make_call(&(struct file_call){"above what is gone", "open", SYS_openat, .dir = 1, .path = 2,
				      .arguments = {sub, LONG("../moved"), O_RDONLY}, .keys = "flags=O_RDONLY"});
}

static void link_what_had_no_name(void)
{
	const long unnamed = make_call(&(struct file_call){"O_TMPFILE", "open", SYS_open, .path = 1,
							   .arguments = {LONG("dir"), O_RDWR | O_TMPFILE, 0600},
							   .keys = "flags=O_RDWR|O_TMPFILE mode=0600"});

	if (unnamed < 0)
		return;
	change((int)unnamed);
	make_call(&(struct file_call){"named", "link", SYS_linkat, .dir = 1, .path = 2, .new_dir = 3, .new_path = 4,
				      .arguments = {unnamed, LONG(""), AT_FDCWD, LONG("dir/named"), AT_EMPTY_PATH}});
	change((int)unnamed);
	change(open_told("dir/named"));
}

int main(void)
{
	in_child(prepare);
	change_pathless();
	open_namespace("/proc/self/ns/mnt");
	open_namespace("/proc/thread-self/ns/net");
	change_what_is_gone();
	link_what_had_no_name();
	return 0;
}
