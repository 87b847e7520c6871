/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * uring_fork plain|sqpoll: a child that uses the ring which it inherited, in another directory than its parent. What it
 * asks for runs in the child; with a polling thread in the parent, where that thread belongs.
 */
#include "uring.h"

static struct uring ring;
static bool polled;
static pid_t owner, parent;

/* In the directory that it really came to be in. */
static void make(const char *name, const char *directory)
{
	pid_t pid = polled ? owner : getpid();
	struct truth line;
	char path[PATH_MAX];

	uring_name(&ring, IORING_OP_MKDIRAT, AT_FDCWD, name)->len = 0700;
	if (uring_run(&ring))
		die(name);
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	if (access(path, F_OK))
		die(path);
	line = truth_begin("request");
	truth_string(&line, "event", "mkdir");
	truth_number(&line, "pid", pid);
	truth_number(&line, "ppid", pid == owner ? parent : owner);
	truth_number(&line, "uid", geteuid());
	truth_number(&line, "gid", getegid());
	truth_string(&line, "mode", "0700");
	truth_string(&line, "lexical", "true");
	truth_string(&line, "path", path);
	truth_string(&line, "name", name);
	truth_end(&line);
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
	if (mkdir("there", 0700) || asprintf(&there, "%s/there", here) < 0)
		die("there");
	uring_open_as(&ring, 4, argv[1]);
	make("before", here);
	child = fork_or_die();
	if (child == 0) {
		if (chdir(there))
			die(there);
		make("child", polled ? here : there);
		make("child_again", polled ? here : there);
		_exit(0);
	}
	await_child(child);
	/* the ring is shared memory, but what this process knows of it is its own */
	ring.prepared += 2;
	make("after", here);
	return 0;
}
