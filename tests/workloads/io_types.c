/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Reads from and writes to one descriptor of every type, through numbers of its own, and says what each one is.
 */
#include "truth.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pty.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

enum { FIRST_FD = 20 };

static int next_fd = FIRST_FD;

struct used {
	int fd;
	long reads, read_bytes, writes, written_bytes;
};

/* At a number that no other descriptor here has. */
static struct used use(int fd)
{
	struct used used = {.fd = next_fd++};

	if (fd < 0 || dup2(fd, used.fd) != used.fd || close(fd))
		die("use");
	return used;
}

static void do_read(struct used *used, size_t size)
{
	char bytes[4096];
	ssize_t count = read(used->fd, bytes, size);

	if (count < 0)
		die("read");
	used->reads++;
	used->read_bytes += count;
}

static void do_write(struct used *used, const void *bytes, size_t size)
{
	ssize_t count = write(used->fd, bytes, size);

	if (count < 0)
		die("write");
	used->writes++;
	used->written_bytes += count;
}

static void say(const char *type, const char *name, const struct used *used)
{
	struct truth line = truth_begin("used");
	char link[32], path[PATH_MAX] = "";

	snprintf(link, sizeof(link), "/proc/self/fd/%d", used->fd);
	if (readlink(link, path, sizeof(path) - 1) < 0)
		die("readlink");
	truth_string(&line, "type", type);
	truth_string(&line, "name", name);
	truth_number(&line, "fd", used->fd);
	truth_string(&line, "path", path);
	truth_number(&line, "reads", used->reads);
	truth_number(&line, "read_bytes", used->read_bytes);
	truth_number(&line, "writes", used->writes);
	truth_number(&line, "written_bytes", used->written_bytes);
	truth_end(&line);
}

static void write_and_read(const char *type, const char *name, struct used to, struct used from)
{
	do_write(&to, "12345678", 8);
	do_read(&from, 8);
	say(type, name, &to);
	say(type, name, &from);
}

static void files(void)
{
	struct used file = use(open("file", O_RDWR | O_CREAT, 0600)), memory = use(memfd_create("memory", 0));
	struct used proc = use(open("/proc/self/stat", O_RDONLY));

	do_write(&file, "123", 3);
	do_read(&file, 3);
	say("file", "regular", &file);
	do_write(&memory, "1234", 4);
	say("file", "memfd", &memory);
	do_read(&proc, 5);
	say("file", "proc", &proc);
}

static void devices(void)
{
	struct used null = use(open("/dev/null", O_RDWR)), zero = use(open("/dev/zero", O_RDONLY));

	do_write(&null, "12", 2);
	do_read(&null, 2);
	say("device", "null", &null);
	do_read(&zero, 100);
	say("device", "zero", &zero);
}

static void pipes(void)
{
	int ends[2];

	if (pipe(ends) || mkfifo("named", 0600))
		die("pipe");
	write_and_read("pipe", "unnamed", use(ends[1]), use(ends[0]));
	struct used named = use(open("named", O_RDWR));
	write_and_read("pipe", "named", use(dup(named.fd)), named);
}

static void sockets(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);
	int ends[2], receiver = socket(AF_INET, SOCK_DGRAM, 0), sender = socket(AF_INET, SOCK_DGRAM, 0);

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		die("socketpair");
	write_and_read("socket", "unix", use(ends[0]), use(ends[1]));
	if (bind(receiver, (struct sockaddr *)&address, size) ||
	    getsockname(receiver, (struct sockaddr *)&address, &size) ||
	    connect(sender, (struct sockaddr *)&address, size))
		die("socket");
	write_and_read("socket", "inet", use(sender), use(receiver));
}

static void terminals(void)
{
	int master, slave;

	if (openpty(&master, &slave, NULL, NULL, NULL))
		die("openpty");
	struct used ends[] = {use(master), use(slave)};
	do_write(&ends[0], "ab\n", 3);
	do_read(&ends[1], 10);
	do_write(&ends[1], "xy", 2);
	/* the echo, and what was written */
	do_read(&ends[0], 10);
	say("tty", "master", &ends[0]);
	say("tty", "slave", &ends[1]);
}

static void anonymous(void)
{
	struct itimerspec soon = {.it_value.tv_nsec = 1};
	uint64_t one = 1;
	sigset_t signals;
	struct used event = use(eventfd(0, 0)), timer = use(timerfd_create(CLOCK_MONOTONIC, 0)), signal, watch;

	do_write(&event, &one, sizeof(one));
	do_read(&event, sizeof(one));
	say("anon", "eventfd", &event);
	if (timerfd_settime(timer.fd, 0, &soon, NULL))
		die("timerfd_settime");
	do_read(&timer, sizeof(one));
	say("anon", "timerfd", &timer);
	sigemptyset(&signals);
	sigaddset(&signals, SIGUSR1);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal = use(signalfd(-1, &signals, 0));
	raise(SIGUSR1);
	do_read(&signal, sizeof(struct signalfd_siginfo));
	say("anon", "signalfd", &signal);
	watch = use(inotify_init());
	if (inotify_add_watch(watch.fd, ".", IN_CREATE) < 0 || mkdir("watched", 0700))
		die("inotify");
	do_read(&watch, 4096);
	say("anon", "inotify", &watch);
}

int main(void)
{
	files();
	devices();
	pipes();
	sockets();
	terminals();
	anonymous();
	return 0;
}
