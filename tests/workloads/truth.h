/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * How a workload tells the truth: one line of "kind key=value key=value" per fact, on stdout.
 * A key that stands several times is a list. Bytes other than plain ASCII are %XX, so that a line
 * stays a line whatever a name holds. A line is one write(), so that lines of several processes on
 * one O_APPEND file never mix.
 */
#ifndef TRUTH_H
#define TRUTH_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef AT_EXECVE_CHECK
#define AT_EXECVE_CHECK 0x10000
#endif

struct truth {
	char *text;
	size_t length;
	size_t capacity;
};

__attribute__((noreturn, unused)) static void die(const char *what)
{
	fprintf(stderr, "workload: %s: %s\n", what, strerror(errno));
	_exit(99);
}

__attribute__((unused)) static void truth_put(struct truth *line, const char *bytes, size_t count)
{
	if (line->length + count > line->capacity) {
		line->capacity = (line->length + count) * 2 + 256;
		line->text = realloc(line->text, line->capacity);
		if (!line->text)
			die("realloc");
	}
	memcpy(line->text + line->length, bytes, count);
	line->length += count;
}

__attribute__((unused)) static struct truth truth_begin(const char *kind)
{
	struct truth line = {0};
	truth_put(&line, kind, strlen(kind));
	return line;
}

__attribute__((unused)) static void truth_bytes(struct truth *line, const char *key, const char *bytes, size_t count)
{
	static const char hex[] = "0123456789abcdef";

	truth_put(line, " ", 1);
	truth_put(line, key, strlen(key));
	truth_put(line, "=", 1);
	for (size_t i = 0; i < count; i++) {
		unsigned char byte = (unsigned char)bytes[i];
		if (byte > ' ' && byte < 0x7f && byte != '%' && byte != '=') {
			truth_put(line, bytes + i, 1);
		} else {
			char escaped[3] = {'%', hex[byte >> 4], hex[byte & 15]};
			truth_put(line, escaped, 3);
		}
	}
}

__attribute__((unused)) static void truth_string(struct truth *line, const char *key, const char *value)
{
	truth_bytes(line, key, value, strlen(value));
}

__attribute__((unused)) static void truth_number(struct truth *line, const char *key, long long value)
{
	char digits[32];

	snprintf(digits, sizeof(digits), "%lld", value);
	truth_string(line, key, digits);
}

__attribute__((unused)) static void truth_arguments(struct truth *line, char *const argv[])
{
	for (size_t i = 0; argv[i]; i++)
		truth_string(line, "arg", argv[i]);
}

__attribute__((unused)) static void truth_end(struct truth *line)
{
	truth_put(line, "\n", 1);
	if (write(STDOUT_FILENO, line->text, line->length) != (ssize_t)line->length)
		die("write truth");
	free(line->text);
}

/* That this machine or kernel does not have what the workload is about: then it says nothing else. */
__attribute__((unused)) static void tell_unsupported(const char *why)
{
	struct truth line = truth_begin("unsupported");

	truth_string(&line, "why", why);
	truth_end(&line);
}

__attribute__((unused)) static pid_t thread_id(void)
{
	return (pid_t)syscall(SYS_gettid);
}

__attribute__((unused)) static long long now_ns(clockid_t clock)
{
	struct timespec now;

	if (clock_gettime(clock, &now))
		die("clock_gettime");
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* The workload that lies next to the running one; absolute, so that a chdir does not matter. */
__attribute__((unused)) static char *sibling(const char *name)
{
	char own[PATH_MAX];
	char *path = NULL;
	ssize_t length = readlink("/proc/self/exe", own, sizeof(own) - 1);

	if (length < 0)
		die("readlink /proc/self/exe");
	own[length] = '\0';
	*strrchr(own, '/') = '\0';
	if (asprintf(&path, "%s/%s", own, name) < 0)
		die("asprintf");
	return path;
}

__attribute__((unused)) static char *current_directory(void)
{
	char *path = getcwd(NULL, 0);

	if (!path)
		die("getcwd");
	return path;
}

/* What the caller asks for. The new program cannot know it, so it is said before the call. */
__attribute__((unused)) static void truth_call(const char *name, const char *filename, char *const argv[])
{
	struct truth line = truth_begin("call");

	truth_string(&line, "case", name);
	truth_number(&line, "pid", getpid());
	truth_number(&line, "tid", thread_id());
	truth_number(&line, "ppid", getppid());
	truth_string(&line, "filename", filename);
	truth_arguments(&line, argv);
	truth_end(&line);
}

__attribute__((unused)) static void truth_failed(const char *name, int error, const char *filename, char *const argv[])
{
	struct truth line = truth_begin("failed");
	char *cwd = current_directory();

	truth_string(&line, "case", name);
	truth_number(&line, "pid", getpid());
	truth_number(&line, "tid", thread_id());
	truth_number(&line, "ppid", getppid());
	truth_string(&line, "error", strerrorname_np(error));
	truth_string(&line, "cwd", cwd);
	if (filename)
		truth_string(&line, "filename", filename);
	if (argv)
		truth_arguments(&line, argv);
	truth_end(&line);
	free(cwd);
}

__attribute__((unused)) static void truth_gone(pid_t pid, int status)
{
	struct truth line = truth_begin("gone");

	truth_number(&line, "pid", pid);
	if (WIFEXITED(status)) {
		truth_number(&line, "code", WEXITSTATUS(status));
	} else {
		truth_number(&line, "signal", WTERMSIG(status));
		truth_number(&line, "core", WCOREDUMP(status) ? 1 : 0);
	}
	truth_end(&line);
}

/* Waits for a child and says how it ended. */
__attribute__((unused)) static int await_child(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, __WALL) < 0) {
		if (errno != EINTR)
			die("waitpid");
	}
	truth_gone(pid, status);
	return status;
}

__attribute__((unused)) static pid_t fork_or_die(void)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	return pid;
}

/* Says the call, makes it, and says its error if it comes back. */
__attribute__((unused, noreturn)) static void call_exec(const char *name, const char *filename, char *const argv[])
{
	truth_call(name, filename, argv);
	execve(filename, argv, environ);
	truth_failed(name, errno, filename, argv);
	_exit(98);
}

__attribute__((unused)) static void exec_in_child(const char *name, const char *filename, char *const argv[])
{
	pid_t pid = fork_or_die();

	if (pid == 0)
		call_exec(name, filename, argv);
	await_child(pid);
}

/* Says who is there, then waits for the line that lets it act: by then the tracer is attached. */
__attribute__((unused)) static void await_go(void)
{
	struct truth line = truth_begin("ready");
	char byte = 0;

	truth_number(&line, "pid", getpid());
	truth_number(&line, "tid", thread_id());
	truth_end(&line);
	while (byte != '\n') {
		ssize_t count = read(STDIN_FILENO, &byte, 1);
		if (count == 0)
			die("nobody gave the go");
		if (count < 0 && errno != EINTR)
			die("read go");
	}
}

__attribute__((unused)) static void copy_file(const char *from, int target)
{
	static char buffer[1 << 16];
	int source = open(from, O_RDONLY | O_CLOEXEC);
	ssize_t count;

	if (source < 0)
		die(from);
	while ((count = read(source, buffer, sizeof(buffer))) > 0) {
		if (write(target, buffer, (size_t)count) != count)
			die("write copy");
	}
	close(source);
}

__attribute__((unused)) static void copy_program(const char *from, const char *to, mode_t mode)
{
	int target = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);

	if (target < 0)
		die(to);
	copy_file(from, target);
	if (fchmod(target, mode))
		die("fchmod");
	close(target);
}

__attribute__((unused)) static void write_file(const char *path, const char *text, mode_t mode)
{
	int target = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);

	if (target < 0 || write(target, text, strlen(text)) != (ssize_t)strlen(text) || fchmod(target, mode))
		die(path);
	close(target);
}

/* Threads that race must run at the same time, also where others want the processors. */
__attribute__((unused)) static void run_before_others(void)
{
	setpriority(PRIO_PROCESS, 0, -20);
}

#endif
