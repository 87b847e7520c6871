/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * System calls on files, made from tables and told as "call" facts. A fact has the keys that the call's event must
 * have, and no others: what was asked, how it ended, and the path as the kernel gives it (/proc/self/fd, realpath).
 * Preparations are made in a child, so that every file event of the telling process has its fact.
 */
#ifndef FILE_CALLS_H
#define FILE_CALLS_H

#include "older_calls.h"
#include "truth.h"

#include <stdbool.h>
#include <stdint.h>

/* linux/openat2.h and newer numbers: the C library of the build machine may be older than the kernel */
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif
#ifndef SYS_setxattrat
#define SYS_setxattrat 463
#define SYS_removexattrat 466
#endif

#define LONG(value) ((long)(uintptr_t)(value))
#define BAD_POINTER ((const char *)8)
#define LENGTH(table) (sizeof(table) / sizeof(*(table)))

/* Where the arguments stand: 1 to 6, 0 for none. */
struct file_call {
	const char *name; /* of the case */
	const char *event;
	long number;
	int dir, path, new_dir, new_path, fd;
	long arguments[6];
	/* where the names lead lexically, if that is not directory/name: absolute, or relative to the directory */
	const char *at, *new_at;
	bool empty; /* the empty name stands for the file of the directory descriptor */
	const char *keys; /* the others of the event, as they must be */
	const char *text_key, *text; /* one more, of any bytes */
};

typedef long (*invoke_t)(long number, const long *arguments);

/* The negative errno, as the kernel returns it. */
__attribute__((unused)) static long invoke_native(long number, const long *a)
{
	long result = call_native(number, a);

	return result == -1 ? -errno : result;
}

/* In a chroot: its path outside, where the kernel does not put it before what it tells us. Empty: there is none. */
static char root_path[PATH_MAX];

/* `path` has room for both. */
static void add_root_path(char *path)
{
	if (!root_path[0] || path[0] != '/')
		return;
	memmove(path + strlen(root_path), path, strlen(path) + 1);
	memcpy(path, root_path, strlen(root_path));
	if (path[strlen(path) - 1] == '/')
		path[strlen(path) - 1] = '\0';
}

__attribute__((unused)) static void link_target(const char *link, char *path)
{
	ssize_t length = readlink(link, path, PATH_MAX - 1);

	if (length < 0)
		die(link);
	path[length] = '\0';
	add_root_path(path);
}

/* The path of an open descriptor; false if it is not open. */
__attribute__((unused)) static bool descriptor_path(int fd, char *path)
{
	char link[64];

	if (fcntl(fd, F_GETFD) < 0)
		return false;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	link_target(link, path);
	return true;
}

__attribute__((unused)) static bool directory_path(int dir, char *path)
{
	if (dir != AT_FDCWD)
		return descriptor_path(dir, path);
	link_target("/proc/self/cwd", path);
	return true;
}

__attribute__((unused)) static const char *string_argument(const struct file_call *call, int index)
{
	return index ? (const char *)call->arguments[index - 1] : NULL;
}

static int descriptor_argument(const struct file_call *call, int index)
{
	return index ? (int)call->arguments[index - 1] : AT_FDCWD;
}

static bool is_readable(const char *string)
{
	return (uintptr_t)string > (uintptr_t)BAD_POINTER;
}

/* A file's own path is known whole up to so many components. */
__attribute__((unused)) static bool is_too_deep(const char *path)
{
	int components = 0;

	for (; *path; path++)
		components += *path == '/';
	return components > 128;
}

__attribute__((unused)) static void tell_path(struct truth *line, const char *path)
{
	truth_string(line, "path", path);
	if (is_too_deep(path))
		truth_string(line, "path_truncated", "true");
}

/* `directory` NULL: nobody knows what the name is relative to. */
__attribute__((unused)) static void tell_name(struct truth *line, const char *path_key, const char *name_key,
					      const char *directory, const char *name, const char *at)
{
	char *path;

	if (!is_readable(name)) {
		truth_string(line, "unreadable", path_key);
		return;
	}
	if (!at)
		at = name;
	if (directory && strcmp(directory, "/") == 0)
		directory = "";
	if (at[0] != '/' && !directory) {
		truth_string(line, "unreadable", path_key);
		truth_string(line, name_key, name);
		return;
	}
	if (asprintf(&path, "%s%s%s", at[0] == '/' ? root_path : directory, at[0] == '/' || !at[0] ? "" : "/", at) < 0)
		die("asprintf");
	/* a name may end in '/', a path does not */
	for (size_t last = strlen(path) - 1; last > 0 && path[last] == '/'; last--)
		path[last] = '\0';
	truth_string(line, path_key, path);
	if (at[0] != '/' && is_too_deep(directory))
		truth_string(line, strcmp(path_key, "path") ? "new_path_truncated" : "path_truncated", "true");
	if (strcmp(path, name))
		truth_string(line, name_key, name);
	free(path);
}

__attribute__((unused)) static struct truth tell_caller(const char *name, const char *event)
{
	struct truth line = truth_begin("call");

	truth_string(&line, "case", name);
	truth_string(&line, "event", event);
	truth_number(&line, "pid", getpid());
	truth_number(&line, "tid", thread_id());
	truth_number(&line, "ppid", getppid());
	truth_number(&line, "uid", geteuid());
	truth_number(&line, "gid", getegid());
	return line;
}

/* A name before its call, which may change what the name stands for. */
struct place {
	const char *name;
	char directory[PATH_MAX];
	bool known; /* what the directory is */
	/* as the kernel resolves the name: up to its last component, and with that one; empty: it cannot be */
	char resolved[2 * PATH_MAX], followed[2 * PATH_MAX];
	struct stat file, link; /* with the name followed, and not; zero where there is none */
};

/* realpath() opens nothing. `path` has room for twice the longest. */
static bool real_path(const char *directory, const char *name, char *path)
{
	char *from;
	bool found;

	if (asprintf(&from, "%s/%s", name[0] == '/' ? "" : directory, name) < 0)
		die("asprintf");
	found = realpath(from, path) != NULL;
	free(from);
	if (found)
		add_root_path(path);
	else
		path[0] = '\0';
	return found;
}

/* A magic link to what has no name any more, where realpath() finds nothing. */
static void follow_to_deleted(int dir, const char *name, char *path)
{
	const char *deleted = " (deleted)";
	ssize_t length = readlinkat(dir, name, path, PATH_MAX - 1), rest = length - (ssize_t)strlen(deleted);

	if (rest <= 0 || path[0] != '/' || strncmp(path + rest, deleted, strlen(deleted)))
		length = 0;
	path[length] = '\0';
	if (length)
		add_root_path(path);
}

/* Where the name leads: its directory, and the last component of the name as it is. */
static void resolve_place(struct place *place, int dir)
{
	char directory[PATH_MAX] = "/proc/self/cwd", *parent = strdup(place->name), *last;

	if (dir != AT_FDCWD)
		snprintf(directory, sizeof(directory), "/proc/self/fd/%d", dir);
	if (!place->name[0] && place->known)
		strcpy(place->resolved, place->directory);
	while (strlen(parent) > 1 && parent[strlen(parent) - 1] == '/')
		parent[strlen(parent) - 1] = '\0';
	last = strrchr(parent, '/');
	if (last)
		*last = '\0';
	last = last ? last + 1 : parent;
	if (!*last || strcmp(last, ".") == 0 || strcmp(last, "..") == 0)
		goto out;
	if (last != parent)
		real_path(directory, parent[0] ? parent : "/", place->resolved);
	else if (place->known)
		strcpy(place->resolved, place->directory);
	if (!place->resolved[0])
		goto out;
	if (strcmp(place->resolved, "/"))
		strcat(place->resolved, "/");
	strcat(place->resolved, last);
	if (!real_path(directory, place->name, place->followed))
		follow_to_deleted(dir, place->name, place->followed);
out:
	free(parent);
}

static struct place look_at(const struct file_call *call, int dir_index, int name_index)
{
	int dir = descriptor_argument(call, dir_index);
	struct place place = {.name = string_argument(call, name_index)};

	if (!name_index)
		return place;
	place.known = directory_path(dir, place.directory);
	if (is_readable(place.name)) {
		fstatat(dir, place.name, &place.file, 0);
		fstatat(dir, place.name, &place.link, AT_SYMLINK_NOFOLLOW);
		resolve_place(&place, dir);
	}
	return place;
}

/* What a hook that is asked before the call keeps of its names: less than what an event has room for. */
#define RESOLVED_MAX 3800

static void tell_resolved(struct truth *line, const char *key, const char *path)
{
	if (path[0] && strlen(path) <= RESOLVED_MAX && !is_too_deep(path))
		truth_string(line, key, path);
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev;
}

/* `makes`: a file that was not there before is new. */
__attribute__((unused)) static void tell_opened(struct truth *line, const struct place *before, long fd, bool makes)
{
	struct stat status;
	char path[PATH_MAX];

	if (!descriptor_path((int)fd, path) || fstat((int)fd, &status))
		die("what was opened");
	truth_number(line, "fd", fd);
	if (makes && !is_same_file(&status, &before->file) && !is_same_file(&status, &before->link))
		truth_string(line, "created", "true");
	tell_path(line, path);
	if (before->name && strcmp(path, before->name))
		truth_string(line, "name", before->name);
}

/* Makes the call and tells it. The result is as the kernel returns it. */
__attribute__((unused)) static long make_call_by(invoke_t invoke, const struct file_call *call, const char *keys)
{
	struct place first = look_at(call, call->dir, call->path);
	struct place second = look_at(call, call->new_dir, call->new_path);
	struct truth line = tell_caller(call->name, call->event);
	bool opens = strcmp(call->event, "open") == 0;
	/* of an extended attribute, "name" is its own */
	const char *name_key = strcmp(call->event, "xattr") == 0 ? "filename" : "name";
	char path[PATH_MAX];
	long result = invoke(call->number, call->arguments);

	if (result < 0 && result > -4096)
		truth_string(&line, "error", strerrorname_np((int)-result));
	if (opens && result >= 0) {
		tell_opened(&line, &first, result, strstr(call->keys, "mode=") != NULL);
	} else if (call->path) {
		if (!call->empty || result < 0)
			truth_string(&line, "lexical", "true");
		tell_name(&line, "path", name_key, first.known ? first.directory : NULL, first.name, call->at);
	}
	tell_resolved(&line, "resolved", first.resolved);
	tell_resolved(&line, "followed", first.followed);
	tell_resolved(&line, "new_resolved", second.resolved);
	if (call->new_path)
		tell_name(&line, "new_path", "new_name", second.known ? second.directory : NULL, second.name,
			  call->new_at);
	if (call->fd && descriptor_argument(call, call->fd) >= 0)
		truth_number(&line, "fd", descriptor_argument(call, call->fd));
	if (call->fd && descriptor_path(descriptor_argument(call, call->fd), path))
		tell_path(&line, path);
	if (call->text_key)
		truth_string(&line, call->text_key, call->text);
	for (const char *more[] = {call->keys, keys, NULL}, **key = more; key < more + 2; key++) {
		truth_put(&line, " ", 1);
		truth_put(&line, *key ? *key : "", *key ? strlen(*key) : 0);
	}
	truth_end(&line);
	return result;
}

__attribute__((unused)) static long make_call(const struct file_call *call)
{
	return make_call_by(invoke_native, call, NULL);
}

__attribute__((unused)) static void make_calls(const struct file_call *calls, size_t count)
{
	for (size_t i = 0; i < count; i++)
		make_call(&calls[i]);
}

/* What is no call under test happens in a process of its own. */
__attribute__((unused)) static void in_child(void (*action)(void))
{
	pid_t pid = fork_or_die();
	int status;

	if (pid == 0) {
		action();
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid || status != 0)
		die("preparation");
}

#endif
