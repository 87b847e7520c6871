/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * openat2 takes its flags from memory, where they are others, or gone, when it returns. Each open is of a file that is
 * called as its case.
 */
#include "truth.h"

#include <linux/openat2.h>
#include <pthread.h>
#include <sys/mman.h>

static struct open_how how;
static int lease;
static sigset_t breaks;

static int open_it(const char *name, const struct open_how *address)
{
	return (int)syscall(SYS_openat2, AT_FDCWD, name, address, sizeof(*address));
}

/* The other open waits for this: it is in the middle of its call, which has its flags. */
static void *let_go(void *flags)
{
	int number;

	if (sigwait(&breaks, &number))
		die("sigwait");
	how.flags = *(const unsigned long long *)flags;
	if (fcntl(lease, F_SETLEASE, F_UNLCK))
		die("release");
	return NULL;
}

static void open_changed(const char *name, unsigned long long flags, unsigned long long later)
{
	pthread_t thread;
	int fd;

	lease = open(name, O_RDWR | O_CLOEXEC);
	if (lease < 0 || fcntl(lease, F_SETLEASE, F_WRLCK))
		die("lease");
	if (pthread_create(&thread, NULL, let_go, &later))
		die("pthread_create");
	how = (struct open_how){.flags = flags};
	fd = open_it(name, &how);
	if (fd < 0)
		die(name);
	pthread_join(thread, NULL);
	close(lease);
	close(fd);
}

/* The flags lie in the file that the call empties. */
static void open_gone(const char *name)
{
	int file = open(name, O_RDWR | O_CLOEXEC), fd;
	struct open_how *mapped;

	how = (struct open_how){.flags = O_WRONLY | O_TRUNC};
	if (file < 0 || write(file, &how, sizeof(how)) != sizeof(how))
		die(name);
	mapped = mmap(NULL, sizeof(how), PROT_READ, MAP_SHARED, file, 0);
	fd = open_it(name, mapped);
	if (fd < 0)
		die(name);
	close(fd);
	close(file);
}

static void open_plain(const char *name, unsigned long long flags, unsigned long long mode)
{
	how = (struct open_how){.flags = flags, .mode = mode};
	close(open_it(name, &how));
}

int main(void)
{
	const char *names[] = {"gone", "changed", "hidden", "plain", "read", "failed"};
	struct truth line;

	sigemptyset(&breaks);
	sigaddset(&breaks, SIGIO);
	if (sigprocmask(SIG_BLOCK, &breaks, NULL))
		die("sigprocmask");
	umask(0);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		write_file(names[i], "text", 0600);
	line = truth_begin("begin");
	truth_number(&line, "pid", getpid());
	truth_end(&line);
	open_gone("gone");
	open_changed("changed", O_WRONLY | O_TRUNC, O_RDONLY);
	open_changed("hidden", O_RDONLY | O_TRUNC, O_RDONLY);
	open_plain("plain", O_WRONLY | O_TRUNC | O_CLOEXEC, 0);
	open_plain("read", O_RDONLY | O_NONBLOCK | O_SYNC, 0);
	open_plain("made", O_RDWR | O_CREAT | O_EXCL, 0640);
	open_it("failed", (const struct open_how *)8);
	return 0;
}
