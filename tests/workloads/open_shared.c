/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * open_shared [overlay]: opens of many kinds in a process whose threads share its descriptors, and leave them alone. Of
 * an overlay, the kernel opens the files below it too.
 */
#include "truth.h"

#include <linux/openat2.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/mount.h>

static pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER;

static void *wait_there(void *nothing)
{
	pthread_mutex_lock(&held);
	return nothing;
}

static void tell(int fd, const char *name, const char *flags, bool created)
{
	struct truth line = truth_begin("opened");
	char link[64], path[PATH_MAX];
	ssize_t length;

	if (fd < 0)
		die(name);
	snprintf(link, sizeof(link), "/proc/thread-self/fd/%d", fd);
	length = readlink(link, path, sizeof(path) - 1);
	if (length < 0)
		die(link);
	path[length] = 0;
	truth_number(&line, "pid", getpid());
	truth_number(&line, "fd", fd);
	truth_string(&line, "path", path);
	truth_string(&line, "flags", flags);
	truth_number(&line, "created", created);
	truth_end(&line);
	close(fd);
}

static void open_plain(const char *name, int flags, const char *text, bool created)
{
	tell(open(name, flags, 0600), name, text, created);
}

static void open_how(const char *name, unsigned long long flags, const char *text, bool created)
{
	const struct open_how how = {.flags = flags, .mode = created ? 0600 : 0};

	tell((int)syscall(SYS_openat2, AT_FDCWD, name, &how, sizeof(how)), name, text, created);
}

static void open_all(void)
{
	open_plain("low", O_RDONLY, "O_RDONLY", false);
	open_how("low", O_RDONLY | O_CLOEXEC, "O_RDONLY|O_CLOEXEC", false);
	open_plain("link", O_RDONLY, "O_RDONLY", false);
	open_plain("low", O_RDWR | O_APPEND, "O_RDWR|O_APPEND", false);
	open_how("deep/low", O_WRONLY | O_TRUNC, "O_WRONLY|O_TRUNC", false);
	open_plain("deep", O_RDONLY | O_DIRECTORY, "O_RDONLY|O_DIRECTORY", false);
	open_plain("deep/new", O_WRONLY | O_CREAT | O_EXCL, "O_WRONLY|O_CREAT|O_EXCL", true);
	open_how("new", O_RDWR | O_CREAT | O_NOCTTY, "O_RDWR|O_CREAT|O_NOCTTY", true);
	open_plain("new", O_WRONLY | O_CREAT | O_TRUNC, "O_WRONLY|O_CREAT|O_TRUNC", false);
	open_plain("new", O_PATH, "O_RDONLY|O_PATH", false);
	open_plain("/dev/null", O_RDWR, "O_RDWR", false);
	open_plain("/dev/zero", O_WRONLY | O_NOCTTY, "O_WRONLY|O_NOCTTY", false);
}

int main(int argc, char *argv[])
{
	const bool overlay = argc > 1 && !strcmp(argv[1], "overlay");
	pthread_t thread;

	if (mkdir("lower", 0755) || mkdir("lower/deep", 0755) || mkdir("upper", 0755) || mkdir("work", 0755) ||
	    mkdir("merged", 0755) || symlink("deep/low", "lower/link"))
		die("prepare");
	write_file("lower/low", "text", 0600);
	write_file("lower/deep/low", "text", 0600);
	if (overlay && (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
			mount("overlay", "merged", "overlay", 0, "lowerdir=lower,upperdir=upper,workdir=work"))) {
		tell_unsupported("no overlay can be mounted here");
		return 0;
	}
	if (chdir(overlay ? "merged" : "lower"))
		die("chdir");
	pthread_mutex_lock(&held);
	if (pthread_create(&thread, NULL, wait_there, NULL))
		die("pthread_create");
	open_all();
	pthread_mutex_unlock(&held);
	pthread_join(thread, NULL);
	return 0;
}
