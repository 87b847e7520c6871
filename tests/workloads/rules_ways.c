/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Opens a file in every way that leads to it. Each is told with the path that the kernel has for it: the file's own, or
 * that of another place or name where it is too.
 */
#include "file_calls.h"
#include "uring.h"

#include <linux/openat2.h>
#include <sys/mount.h>

static char *here;
static int box; /* the directory */

static void prepare(void)
{
	if (mkdir("box", 0755) || mkdir("box/inner", 0755) || mkdir("bound", 0755))
		die("mkdir");
	write_file("box/secret.pem", "text", 0644);
	write_file("box/ordinary", "text", 0644);
	if (symlink("box/secret.pem", "link") || symlink("box", "box_link") || symlink("../link", "box/back") ||
	    link("box/secret.pem", "other"))
		die("link");
}

static void tell(const char *way, const char *path)
{
	struct truth line = truth_begin("way");
	char absolute[PATH_MAX];

	snprintf(absolute, sizeof(absolute), "%s/%s", here, path);
	truth_string(&line, "case", way);
	truth_number(&line, "pid", getpid());
	truth_string(&line, "path", absolute);
	truth_end(&line);
}

/* The descriptor, or a failure that is meant. */
static int opened(const char *way, const char *path, long result)
{
	if (result < 0 && errno != EEXIST)
		die(way);
	tell(way, path);
	return (int)result;
}

static char *joined(const char *first, const char *second, const char *third)
{
	char *path;

	if (asprintf(&path, "%s%s%s", first, second, third) < 0)
		die("asprintf");
	return path;
}

static void open_by_name(void)
{
	static const char *const secret = "box/secret.pem";

	opened("relative", secret, open("box/secret.pem", O_RDONLY));
	opened("absolute", secret, open(joined(here, "/", secret), O_RDONLY));
	opened("oddly written", secret, open("./box//inner/.././../box_link/./secret.pem", O_RDONLY));
	opened("symbolic link", secret, open("link", O_RDONLY));
	opened("link to a link", secret, open("box/back", O_RDONLY));
	opened("link to its directory", secret, open("box_link/secret.pem", O_RDWR));
	opened("root of the process", secret, open(joined("/proc/self/root", here, "/link"), O_RDONLY));
	opened("directory of the process", secret, open("/proc/self/cwd/box/secret.pem", O_RDONLY));
	opened("made already", secret, open(secret, O_WRONLY | O_CREAT | O_EXCL, 0600));
	opened("ordinary", "box/ordinary", open("box/ordinary", O_RDONLY));
	opened("hard link", "other", open("other", O_RDONLY));
}

static void open_by_descriptor(void)
{
	struct open_how how = {.flags = O_RDONLY, .resolve = RESOLVE_BENEATH};
	char name[64];
	int only_path;

	opened("at", "box/secret.pem", openat(box, "secret.pem", O_RDONLY));
	opened("openat2", "box/secret.pem", syscall(SYS_openat2, box, "./secret.pem", &how, sizeof(how)));
	how.resolve = RESOLVE_IN_ROOT;
	opened("openat2 in a root", "box/secret.pem", syscall(SYS_openat2, box, "/secret.pem", &how, sizeof(how)));
	only_path = opened("O_PATH", "box/secret.pem", openat(box, "secret.pem", O_PATH));
	snprintf(name, sizeof(name), "/proc/self/fd/%d", only_path);
	opened("descriptor", "box/secret.pem", open(name, O_RDONLY));
}

static void open_by_ring(void)
{
	struct uring ring;

	uring_open(&ring, 4, 0);
	uring_openat(&ring, box, "secret.pem", O_RDONLY, 0);
	opened("io_uring", "box/secret.pem", uring_run(&ring));
	uring_openat(&ring, AT_FDCWD, "link", O_RDONLY, 0)->flags |= IOSQE_ASYNC;
	opened("io_uring, in a worker", "box/secret.pem", uring_run(&ring));
}

static void open_by_mount(void)
{
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("box", "bound", NULL, MS_BIND, NULL))
		die("mount");
	opened("bind mount", "bound/secret.pem", open("bound/secret.pem", O_RDONLY));
}

static void open_in_root(void)
{
	if (chroot("."))
		die("chroot");
	opened("chroot", "box/secret.pem", open("/box/secret.pem", O_RDONLY));
	opened("chroot, and not there", "box/secret.pem", open("/box/../../box/secret.pem", O_CREAT | O_EXCL, 0600));
}

int main(void)
{
	in_child(prepare);
	here = current_directory();
	box = opened("directory", "box", open("box", O_RDONLY | O_DIRECTORY));
	open_by_name();
	open_by_descriptor();
	open_by_ring();
	open_by_mount();
	open_in_root();
	return 0;
}
