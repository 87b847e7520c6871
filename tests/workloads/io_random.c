/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * io_random FIRST COUNT STEPS: for each of COUNT seeds a family of processes that open, duplicate, close, read and
 * write at random, fork and execute, and keep book of it.
 */
#include "io_model.h"

#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum { OWN_FILES = 6, FIRST_FD = 3, AT_ONCE = 4, GENERATIONS = 3, LONGEST = 5000 };

static char *program, *state;
static char bytes[2 * LONGEST];

static unsigned choose(unsigned below)
{
	self->random ^= self->random << 13;
	self->random ^= self->random >> 7;
	self->random ^= self->random << 17;
	return (unsigned)(self->random >> 33) % below;
}

/* Mostly one that is open. */
static int some_fd(void)
{
	int fd = FIRST_FD + (int)choose(DESCRIPTORS - FIRST_FD);

	for (int tries = 0; !self->table[fd].open && tries < 12; tries++)
		fd = FIRST_FD + (int)choose(DESCRIPTORS - FIRST_FD);
	return fd;
}

static size_t some_bytes(void)
{
	return choose(8) ? choose(LONGEST) : 0;
}

static off_t some_offset(void)
{
	return choose(4 * LONGEST);
}

static int file_behind(int fd)
{
	return self->table[fd].file;
}

static void open_file(void)
{
	static const int modes[] = {O_RDONLY, O_WRONLY, O_RDWR, O_RDWR, O_RDWR | O_APPEND, O_WRONLY | O_TRUNC};
	int cloexec = choose(2) ? O_CLOEXEC : 0;
	char name[16], path[40];

	snprintf(name, sizeof(name), "f%u", choose(OWN_FILES));
	int fd = open(name, modes[choose(6)] | O_CREAT | cloexec, 0600);
	if (fd < 0)
		return;
	snprintf(path, sizeof(path), "%s/%s", self->directory, name);
	model_opened(fd, model_file(path, true), cloexec);
}

static void open_pair(void)
{
	int cloexec = choose(2), sockets = !choose(3), ends[2];
	struct stat status;
	char name[48];

	if (sockets) {
		int type = SOCK_STREAM | SOCK_NONBLOCK | (cloexec ? SOCK_CLOEXEC : 0);
		if (socketpair(AF_UNIX, type, 0, ends))
			return;
	} else if (pipe2(ends, O_NONBLOCK | (cloexec ? O_CLOEXEC : 0))) {
		return;
	}
	for (int i = 0; i < 2; i++) {
		fstat(ends[i], &status);
		snprintf(name, sizeof(name), "%s:[%lu]", sockets ? "socket" : "pipe", (unsigned long)status.st_ino);
		model_opened(ends[i], model_file(name, false), cloexec);
	}
}

static void duplicate(void)
{
	int from = some_fd(), to = some_fd(), cloexec = choose(2), file = file_behind(from), result = -1;
	bool replaces = false;

	switch (choose(5)) {
	case 0:
		cloexec = 0;
		result = dup(from);
		break;
	case 1:
		cloexec = 0;
		result = dup2(from, to);
		replaces = from != to;
		break;
	case 2:
		result = dup3(from, to, cloexec ? O_CLOEXEC : 0);
		replaces = true;
		break;
	case 3:
		result = fcntl(from, cloexec ? F_DUPFD_CLOEXEC : F_DUPFD, to);
		break;
	case 4:
		if (!fcntl(from, F_SETFD, cloexec ? FD_CLOEXEC : 0))
			self->table[from].cloexec = cloexec;
		return;
	}
	if (result < 0 || (result == to && result == from))
		return;
	if (replaces)
		model_closed(to);
	model_opened(result, file, cloexec);
}

static void close_one(void)
{
	int fd = some_fd();

	if (!close(fd))
		model_closed(fd);
}

static void close_some(void)
{
	static const unsigned flags[] = {0, 0, CLOSE_RANGE_CLOEXEC, CLOSE_RANGE_UNSHARE,
					 CLOSE_RANGE_CLOEXEC | CLOSE_RANGE_UNSHARE};
	unsigned how = flags[choose(5)], first = (unsigned)some_fd(), last = first + choose(6);

	if (!choose(20))
		last = ~0U;
	if (close_range(first, last, (int)how))
		return;
	for (unsigned fd = first; fd <= last && fd < DESCRIPTORS; fd++) {
		if (how & CLOSE_RANGE_CLOEXEC)
			self->table[fd].cloexec = true;
		else
			model_closed((int)fd);
	}
}

static void read_some(void)
{
	int fd = some_fd();
	struct iovec parts[2] = {{bytes, some_bytes()}, {bytes + LONGEST, some_bytes()}};
	ssize_t result = -1;

	switch (choose(6)) {
	case 0:
		result = read(fd, bytes, some_bytes());
		break;
	case 1:
		result = pread(fd, bytes, some_bytes(), some_offset());
		break;
	case 2:
		result = readv(fd, parts, 2);
		break;
	case 3:
		result = preadv(fd, parts, 2, some_offset());
		break;
	case 4:
		result = preadv2(fd, parts, 2, some_offset(), 0);
		break;
	case 5:
		result = preadv2(fd, parts, 1, -1, 0);
		break;
	}
	model_read(fd, result);
}

static void write_some(void)
{
	int fd = some_fd();
	struct iovec parts[2] = {{bytes, some_bytes()}, {bytes + LONGEST, some_bytes()}};
	const char *volatile nowhere = NULL;
	ssize_t result = -1;

	switch (choose(7)) {
	case 0:
		result = write(fd, bytes, some_bytes());
		break;
	case 1:
		result = pwrite(fd, bytes, some_bytes(), some_offset());
		break;
	case 2:
		result = writev(fd, parts, 2);
		break;
	case 3:
		result = pwritev(fd, parts, 2, some_offset());
		break;
	case 4:
		result = pwritev2(fd, parts, 2, some_offset(), RWF_APPEND);
		break;
	case 5:
		result = pwritev2(fd, parts, 1, -1, 0);
		break;
	case 6:
		result = write(fd, nowhere, LONGEST);
		break;
	}
	model_written(fd, result);
}

static void move_some(void)
{
	int from = some_fd(), to = some_fd();
	off_t at = some_offset(), *here = choose(2) ? &at : NULL;
	struct iovec part = {bytes, some_bytes()};
	ssize_t result = -1;

	switch (choose(5)) {
	case 0:
		result = sendfile(to, from, here, some_bytes());
		break;
	case 1:
		result = copy_file_range(from, here, to, NULL, some_bytes(), 0);
		break;
	case 2:
		/* none: it succeeds, whatever the descriptors are */
		result = splice(from, NULL, to, NULL, some_bytes() + 1, SPLICE_F_NONBLOCK);
		break;
	case 3:
		result = splice(from, NULL, to, &at, some_bytes() + 1, SPLICE_F_NONBLOCK);
		break;
	case 4:
		result = vmsplice(to, &part, 1, SPLICE_F_NONBLOCK);
		if ((fcntl(to, F_GETFL) & O_ACCMODE) == O_RDONLY)
			model_read(to, result);
		else
			model_written(to, result);
		return;
	}
	model_read(from, result);
	model_written(to, result);
}

static void run(void);

static void branch(void)
{
	struct model_process *child;

	if (self->generation == GENERATIONS)
		return;
	child = model_child(self);
	child->generation++;
	child->random = self->random * 2654435761U + 1;
	child->steps /= 2;
	if (fork_or_die())
		return;
	model_enter(child);
	run();
}

/* One exec that fails, then perhaps one that does not. */
static void execute(void)
{
	char slot[16];
	char *argv[] = {program, "again", state, slot, NULL};

	snprintf(slot, sizeof(slot), "%d", (int)(self - model->processes));
	execve("./missing", argv, environ);
	if (choose(2))
		return;
	model_executed();
	execve(program, argv, environ);
	die(program);
}

/* 99: it found its own book wrong. */
static bool await_one(void)
{
	int status = 0;
	pid_t pid = wait(&status);

	if (pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 99)
		exit(99);
	return pid > 0;
}

static void end(void)
{
	static const int signals[] = {SIGKILL, SIGTERM, SIGSEGV};
	unsigned how = choose(5);

	/* Whoever waits for this process then knows that all of them have ended. */
	while (await_one())
		;
	if (how < 3)
		raise(signals[how]);
	_exit((int)how);
}

static void step(void)
{
	static void (*const often[])(void) = {open_file, open_file,  duplicate,	 close_one,  read_some,
					      read_some, write_some, write_some, write_some, move_some};

	if (!choose(12))
		open_pair();
	else if (!choose(12))
		close_some();
	else if (!choose(30))
		branch();
	else if (!choose(25))
		execute();
	else
		often[choose(10)]();
}

static void run(void)
{
	while (self->steps-- > 0)
		step();
	end();
}

static void run_seed(unsigned seed, int steps)
{
	static const struct rlimit descriptors = {DESCRIPTORS, DESCRIPTORS}, no_core = {0, 0};
	char name[sizeof(self->directory)];

	snprintf(name, sizeof(name), "d%u", seed);
	if (mkdir(name, 0700) || chdir(name) || setrlimit(RLIMIT_NOFILE, &descriptors) ||
	    setrlimit(RLIMIT_CORE, &no_core) || signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		die("seed");
	model_enter(model_child(NULL));
	memcpy(self->directory, name, sizeof(name));
	self->random = (seed + 1ULL) * 0x9e3779b97f4a7c15ULL;
	self->steps = steps;
	run();
}

int main(int argc, char *argv[])
{
	program = sibling("io_random");
	if (argc == 4 && !strcmp(argv[1], "again")) {
		state = argv[2];
		model_map(state, 0);
		self = &model->processes[atoi(argv[3])];
		run();
	}
	if (argc != 4 || asprintf(&state, "%s/model", current_directory()) < 0)
		return 2;
	model_map(state, O_CREAT);
	close_range(FIRST_FD, ~0U, 0);
	snprintf(model->directory, sizeof(model->directory), "%s", current_directory());
	int count = atoi(argv[2]);
	for (int i = 0; i < count; i++) {
		if (i >= AT_ONCE)
			await_one();
		if (fork_or_die() == 0)
			run_seed((unsigned)(atoi(argv[1]) + i), atoi(argv[3]));
	}
	while (await_one())
		;
	model_print();
	return 0;
}
