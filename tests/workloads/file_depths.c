/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * file_depths [long]: paths at the edges of what is captured whole: 128 components, 4095 bytes, and beyond.
 */
#include "file_calls.h"

enum { WHOLE = 128, DEEPEST = 200 };

static int depth_of(const char *path)
{
	int depth = 0;

	for (; *path; path++)
		depth += *path == '/';
	return depth;
}

/* One step down: no path is too long for that. */
static int descend(int dir, const char *name)
{
	long below;

	make_call(&(struct file_call){"step", "mkdir", SYS_mkdirat, .dir = 1, .path = 2,
				      .arguments = {dir, LONG(name), 0755}, .keys = "mode=0755"});
	below = make_call(&(struct file_call){"step", "open", SYS_openat, .dir = 1, .path = 2,
					      .arguments = {dir, LONG(name), O_PATH}, .keys = "flags=O_RDONLY|O_PATH"});
	if (below < 0)
		die("descend");
	if (dir != AT_FDCWD)
		close(dir);
	return (int)below;
}

/* In the directory, at it and below it. */
static void use_directory(int dir)
{
	const struct file_call calls[] = {
		{"make", "open", SYS_openat, .dir = 1, .path = 2, .arguments = {dir, LONG("f"), O_CREAT | O_RDWR, 0600},
		 .keys = "flags=O_RDWR|O_CREAT mode=0600"},
		{"itself", "open", SYS_openat, .dir = 1, .path = 2, .arguments = {dir, LONG("."), O_RDONLY},
		 .keys = "flags=O_RDONLY"},
		{"absent", "open", SYS_openat, .dir = 1, .path = 2, .arguments = {dir, LONG("a"), O_RDONLY},
		 .keys = "flags=O_RDONLY"},
		{"fchmod", "chmod", SYS_fchmod, .fd = 1, .arguments = {dir, 0755}, .keys = "mode=0755"},
		{"mkdir", "mkdir", SYS_mkdirat, .dir = 1, .path = 2, .arguments = {dir, LONG("m"), 0700},
		 .keys = "mode=0700"},
		{"rename", "rename", SYS_renameat, .dir = 1, .path = 2, .new_dir = 3, .new_path = 4,
		 .arguments = {dir, LONG("m"), dir, LONG("n")}},
		{"rmdir", "rmdir", SYS_unlinkat, .dir = 1, .path = 2, .arguments = {dir, LONG("n"), AT_REMOVEDIR}},
		{"unlink", "unlink", SYS_unlinkat, .dir = 1, .path = 2, .arguments = {dir, LONG("f"), 0}},
	};

	make_calls(calls, LENGTH(calls));
}

/* From below what is captured to what would be: how much of the way up is in what was cut, nobody knows. */
static void climb(int dir, int levels)
{
	char name[3 * DEEPEST + 32] = "", at[PATH_MAX];

	directory_path(dir, at);
	for (int i = 0; i < levels; i++) {
		strcat(name, "../");
		*strrchr(at, '/') = '\0';
	}
	strcat(name, "sub/../absent");
	strcat(at, "/absent");
	make_call(&(struct file_call){"climb", "unlink", SYS_unlinkat, .dir = 1, .path = 2,
				      .arguments = {dir, LONG(name)}, .at = at, .keys = "path_truncated=true"});
}

static void use_depth(int dir)
{
	use_directory(dir);
	if (fchdir(dir))
		die("fchdir");
	use_directory(AT_FDCWD);
}

/* With a name that makes the path of what is called so in `dir` that long. */
static void use_length(int dir, size_t length)
{
	char path[PATH_MAX + 1], again[PATH_MAX + 1];
	const struct file_call calls[] = {
		{"make", "open", SYS_open, .path = 1, .arguments = {LONG(path), O_CREAT | O_EXCL, 0600},
		 .keys = "flags=O_RDONLY|O_CREAT|O_EXCL mode=0600"},
		{"rename", "rename", SYS_rename, .path = 1, .new_path = 2, .arguments = {LONG(path), LONG(again)}},
		{"chmod", "chmod", SYS_chmod, .path = 1, .arguments = {LONG(again), 0640}, .keys = "mode=0640"},
		{"symlink", "symlink", SYS_symlink, .path = 2, .arguments = {LONG(again), LONG(path)},
		 .text_key = "target", .text = again},
		{"unlink", "unlink", SYS_unlink, .path = 1, .arguments = {LONG(again)}},
		{"unlink", "unlink", SYS_unlink, .path = 1, .arguments = {LONG(path)}},
	};

	directory_path(dir, path);
	strcat(path, "/");
	memset(path + strlen(path) + 1, '\0', sizeof(path) - strlen(path) - 1);
	memset(path + strlen(path), 'x', length - strlen(path));
	strcpy(again, path);
	again[length - 1] = 'y';
	for (size_t i = 0; i < LENGTH(calls); i++) {
		if (make_call(&calls[i]) < 0)
			die(calls[i].name);
	}
}

/* A file whose path is longer than what the kernel itself can tell: it is its directory's and the name. */
static void use_beyond(int dir)
{
	char path[2 * PATH_MAX], name[NAME_MAX + 1];
	struct truth line = tell_caller("beyond", "open");
	long fd;

	memset(name, 'z', NAME_MAX);
	name[NAME_MAX] = '\0';
	fd = openat(dir, name, O_RDWR | O_CREAT | O_EXCL, 0600);
	directory_path(dir, path);
	strcat(strcat(path, "/"), name);
	truth_number(&line, "fd", fd);
	truth_string(&line, "created", "true");
	truth_string(&line, "flags", "O_RDWR|O_CREAT|O_EXCL");
	truth_string(&line, "mode", "0600");
	truth_string(&line, "path", path);
	truth_string(&line, "path_truncated", "true");
	truth_string(&line, "name", name);
	truth_end(&line);
	make_call(&(struct file_call){"beyond", "unlink", SYS_unlinkat, .dir = 1, .path = 2,
				      .arguments = {dir, LONG(name)}});
}

/* The kernel takes no name of 4096 bytes; 4095 of them are told. */
static void use_too_long(void)
{
	static char name[PATH_MAX + 100];
	struct file_call call = {"too long",
				 "chmod",
				 SYS_chmod,
				 .path = 1,
				 .arguments = {LONG(name), 0600},
				 .keys = "mode=0600 path_truncated=true name_truncated=true"};

	memset(name, 'n', PATH_MAX - 1);
	make_call(
		&(struct file_call){"too long a component", "rmdir", SYS_rmdir, .path = 1, .arguments = {LONG(name)}});
	name[PATH_MAX - 1] = 'n';
	make_call(&call);
	memset(name, 'n', sizeof(name) - 1);
	make_call(&call);
}

static void use_lengths(void)
{
	char name[NAME_MAX + 1], path[PATH_MAX];
	int dir = AT_FDCWD;

	memset(name, 'w', NAME_MAX);
	name[NAME_MAX] = '\0';
	do {
		dir = descend(dir, name);
		directory_path(dir, path);
	} while (strlen(path) + NAME_MAX < 3900);
	use_length(dir, 4000);
	while (strlen(path) + 1 + NAME_MAX < PATH_MAX - 1) {
		dir = descend(dir, name);
		directory_path(dir, path);
	}
	use_length(dir, PATH_MAX - 1);
	use_beyond(dir);
	use_too_long();
}

int main(int argc, char *argv[])
{
	int dir = AT_FDCWD;
	char *here = current_directory();

	(void)argv;
	if (argc > 1) {
		use_lengths();
		return 0;
	}
	for (int depth = depth_of(here) + 1; depth <= DEEPEST; depth++) {
		dir = descend(dir, "d");
		if ((depth >= WHOLE - 2 && depth <= WHOLE + 1) || depth == DEEPEST)
			use_depth(dir);
	}
	climb(dir, 1);
	climb(dir, DEEPEST - WHOLE);
	climb(dir, DEEPEST - 50);
	return 0;
}
