/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Changes files that no path leads to, and one by a magic link: in a directory that was moved out of the bind mount
 * through which it is seen, in a mount that is nowhere (open_tree), and deeper than anyone looks. In a mount namespace
 * of its own. Each is told as `change`.
 */
#include "file_calls.h"

#include <sys/mount.h>

#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif
#define DEEP 1100

static void tell(const char *event, const char *how, bool readable)
{
	struct truth line = truth_begin("change");

	truth_string(&line, "event", event);
	truth_string(&line, "how", how);
	truth_number(&line, "readable", readable);
	truth_end(&line);
}

static void make_file(int dir, const char *how)
{
	int fd = openat(dir, "key.pem", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	if (fd < 0)
		die(how);
	tell("open", how, false);
	if (ftruncate(fd, 1))
		die("ftruncate");
	tell("truncate", how, false);
	close(fd);
	if (unlinkat(dir, "key.pem", 0))
		die("unlinkat");
	tell("unlink", how, false);
}

static void make_directories(void)
{
	const char *const names[] = {"a", "a/b", "a/b/c", "m"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (mkdir(names[i], 0755))
			die(names[i]);
	}
}

static char *here;

static void move_out(void)
{
	if (chdir(here) || rename("a/b/c", "out"))
		die("move out");
}

static void go_deep(void)
{
	for (int i = 0; i < DEEP; i++) {
		if (mkdir("d", 0755) || chdir("d"))
			die("deep");
	}
}

static void change_by_link(void)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/proc/self/root%s/by link", here);
	if (mkdir(path, 0700))
		die(path);
	tell("mkdir", "link", true);
}

int main(void)
{
	int tree;

	here = current_directory();
	in_child(make_directories);
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("a/b", "m", NULL, MS_BIND, NULL))
		die("mount");
	change_by_link();
	tree = (int)syscall(SYS_open_tree, AT_FDCWD, "a", OPEN_TREE_CLONE);
	if (tree < 0 || chdir("m/c"))
		die("open_tree");
	make_file(tree, "nowhere");
	in_child(move_out);
	make_file(AT_FDCWD, "moved out");
	if (chdir(here))
		die("chdir");
	go_deep();
	make_file(AT_FDCWD, "deep");
	return 0;
}
