/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A main thread, another one, a child, an orphan, and the init of a pid namespace of its own: each writes a file of its
 * own below the given directory, and it is said who it is here.
 */
#include "truth.h"

#include <pthread.h>
#include <stdbool.h>

static const char *directory;

struct member {
	const char *name;
	pid_t pid, tid, ppid;
};

static void say(const struct member *m)
{
	struct truth line = truth_begin("member");
	char *path;

	if (asprintf(&path, "%s/%s", directory, m->name) < 0)
		die("asprintf");
	truth_string(&line, "name", m->name);
	truth_string(&line, "path", path);
	truth_number(&line, "pid", m->pid);
	truth_number(&line, "tid", m->tid);
	truth_number(&line, "ppid", m->ppid);
	truth_end(&line);
}

/* Writes the name, a byte a call. */
static void act(const char *name)
{
	size_t length = strlen(name);
	char *path;
	int fd;

	if (asprintf(&path, "%s/%s", directory, name) < 0)
		die("asprintf");
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		die(path);
	for (size_t i = 0; i < length; i++)
		if (write(fd, name + i, 1) != 1)
			die("write");
	close(fd);
}

static void act_and_say(const char *name)
{
	struct member self = {name, getpid(), thread_id(), getppid()};

	act(name);
	say(&self);
}

static void *be_thread(void *unused)
{
	act_and_say("thread");
	return unused;
}

static void make_child(const char *name)
{
	pid_t pid = fork_or_die();

	if (pid == 0) {
		act_and_say(name);
		_exit(7);
	}
	await_child(pid);
}

/* Its parent is the init, or a subreaper, by the time when it acts. */
static void make_orphan(void)
{
	int end[2];
	char byte;
	pid_t pid;

	if (pipe2(end, O_CLOEXEC))
		die("pipe");
	pid = fork_or_die();
	if (pid == 0) {
		pid_t parent = getpid();

		if (fork_or_die() == 0) {
			while (getppid() == parent)
				sched_yield();
			act_and_say("orphan");
		}
		_exit(0);
	}
	await_child(pid);
	close(end[1]);
	while (read(end[0], &byte, 1) > 0)
		; /* until the orphan has gone */
}

/* In its own eyes it is number 1. */
static void make_nested(void)
{
	struct member nested = {"nested", 0, 0, getpid()};

	if (unshare(CLONE_NEWPID))
		die("unshare");
	nested.pid = nested.tid = fork_or_die();
	if (nested.pid == 0) {
		if (getpid() != 1)
			die("not the init of a namespace");
		act("nested");
		_exit(7);
	}
	await_child(nested.pid);
	say(&nested);
}

int main(int argc, char *argv[])
{
	pthread_t thread;

	if (argc < 2)
		return 2;
	directory = argv[1];
	if (argc > 2)
		await_go();
	act_and_say("main");
	if (pthread_create(&thread, NULL, be_thread, NULL) || pthread_join(thread, NULL))
		die("thread");
	make_child("child");
	make_orphan();
	make_nested();
	return 0;
}
