/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * uring_fork plain|async|sqpoll: a child that uses the ring which it inherited: in another directory than its parent,
 * as another user, with another root. What it asks for runs in the child; with a polling thread in the parent, where
 * that thread belongs.
 */
#include "uring.h"

#define SOMEBODY 65534

static struct uring ring;
static bool polled;
static pid_t owner, parent;

/* `path`: where it really came to be, as this process sees it; `told`: as everybody else sees it. */
static void make(const char *name, const char *path, const char *told)
{
	pid_t pid = polled ? owner : getpid();
	struct truth line;
	struct stat made;

	uring_name(&ring, IORING_OP_MKDIRAT, AT_FDCWD, name)->len = 0700;
	if (uring_run(&ring) || stat(path, &made))
		die(path);
	line = truth_begin("request");
	truth_string(&line, "event", "mkdir");
	truth_number(&line, "pid", pid);
	truth_number(&line, "ppid", pid == owner ? parent : owner);
	truth_number(&line, "uid", made.st_uid);
	truth_number(&line, "gid", made.st_gid);
	truth_string(&line, "mode", "0700");
	truth_string(&line, "lexical", "true");
	truth_string(&line, "path", told);
	truth_string(&line, "name", name);
	truth_end(&line);
}

static void make_in(const char *directory, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	make(name, path, path);
}

static void be_child(const char *here, const char *there)
{
	const char *directory = polled ? here : there;
	char path[PATH_MAX];

	if (chdir(there))
		die(there);
	make_in(directory, "child");
	if (setegid(SOMEBODY) || seteuid(SOMEBODY))
		die("seteuid");
	make_in(directory, "somebodys");
	if (seteuid(0) || setegid(0))
		die("seteuid back");
	if (polled)
		return;
	if (chroot(there))
		die("chroot");
	snprintf(path, sizeof(path), "%s/jailed", there);
	make("/jailed", "/jailed", path);
}

int main(int argc, char *argv[])
{
	char *here = current_directory(), *there;
	pid_t child;

	if (argc != 2)
		return 2;
	polled = !strcmp(argv[1], "sqpoll");
	owner = getpid();
	parent = getppid();
	if (asprintf(&there, "%s/there", here) < 0 || mkdir(there, 0700) || chmod(there, 0777))
		die("there");
	uring_open_as(&ring, 4, argv[1]);
	make_in(here, "before");
	child = fork_or_die();
	if (child == 0) {
		be_child(here, there);
		_exit(0);
	}
	await_child(child);
	make_in(here, "after");
	return 0;
}
