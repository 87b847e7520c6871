/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * moving_paths WHAT COUNT: so many calls whose path another thread moves all the while. WHAT: "parent", the directory
 * of an open file gets another name in another directory; "file", the file itself does; "length", between names inside
 * and outside of the kernel's dentry; "cwd", the directory that both threads are in changes, also its mount. Says
 * between which paths.
 */
#include "truth.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

struct kind {
	const char *name;
	const char *places[2]; /* that are moved, below the current directory */
	const char *below; /* behind them in the path of the file */
};

static char longest[NAME_MAX + 1];
static const struct kind kinds[] = {
	{"parent", {"A/one", "BB/twotwo"}, "/f"},
	{"file", {"A/one", "BB/twotwo"}, ""},
	{"length", {"short", longest}, ""},
	{"cwd", {"/proc", "/sys/kernel"}, "/missing"},
};

static const struct kind *kind;
static atomic_bool done;
static atomic_uint moves;

static void *move_it(__attribute__((unused)) void *nothing)
{
	for (unsigned i = 0; !atomic_load(&done); i++) {
		if (kind->places[0][0] == '/' ? chdir(kind->places[i % 2])
					      : rename(kind->places[i % 2], kind->places[(i + 1) % 2]))
			die("move");
		atomic_fetch_add(&moves, 1);
	}
	return NULL;
}

static int make_file(void)
{
	char path[PATH_MAX];
	int fd;

	if ((mkdir("A", 0755) || mkdir("BB", 0755)) && errno != EEXIST)
		die("mkdir");
	if (kind->below[0] && mkdir(kind->places[0], 0755))
		die("mkdir");
	snprintf(path, sizeof(path), "%s%s", kind->places[0], kind->below);
	fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0644);
	if (fd < 0)
		die(path);
	return fd;
}

static void tell_paths(const char *here)
{
	struct truth line = truth_begin("moved");
	char path[PATH_MAX];

	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s%s%s%s", kind->places[i][0] == '/' ? "" : here,
			 kind->places[i][0] == '/' ? "" : "/", kind->places[i], kind->below);
		truth_string(&line, "path", path);
	}
	truth_number(&line, "pid", getpid());
	truth_number(&line, "tid", gettid());
	truth_number(&line, "moves", atomic_load(&moves));
	truth_end(&line);
}

int main(int argc, char *argv[])
{
	char *here = current_directory();
	int count = argc > 2 ? atoi(argv[2]) : 0, fd = -1;
	bool moves_cwd;
	pthread_t mover;

	memset(longest, 'x', 100);
	for (size_t i = 0; argc > 1 && i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (strcmp(kinds[i].name, argv[1]) == 0)
			kind = &kinds[i];
	}
	if (!kind)
		return 2;
	moves_cwd = kind->places[0][0] == '/';
	if (moves_cwd ? chdir(kind->places[0]) : (fd = make_file()) < 0)
		die("prepare");
	if (pthread_create(&mover, NULL, move_it, NULL))
		die("pthread_create");
	for (int i = 0; i < count; i++) {
		if (!moves_cwd && ftruncate(fd, i % 100))
			die("ftruncate");
		if (moves_cwd && unlink("missing") == 0)
			die("unlink");
	}
	atomic_store(&done, true);
	pthread_join(mover, NULL);
	tell_paths(here);
	return 0;
}
