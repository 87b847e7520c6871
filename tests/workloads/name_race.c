/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * name_race COUNT: removes and renames so many times what another thread names anew all the while: one of two files, or
 * none. Says each time which file it was. What it needs for that happens in calls that nobody has to watch: openat and
 * linkat.
 */
#include "race.h"

static const char *const files[] = {"name 0", "name 1"};
static char moved[PATH_MAX];

static bool is_there(const char *path)
{
	struct stat status;

	return lstat(path, &status) == 0;
}

/* Which of the files has gone, and puts it there again. */
static void tell_gone(const char *kind, const char *here, bool done_so, int error)
{
	struct truth line = truth_begin(kind);
	char path[PATH_MAX];
	int gone = 0;

	if (!done_so) {
		truth_string(&line, "error", strerrorname_np(error));
		truth_end(&line);
		return;
	}
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		if (is_there(files[i]))
			continue;
		gone++;
		snprintf(path, sizeof(path), "%s/%s", here, files[i]);
		truth_string(&line, "path", path);
		write_file(files[i], "again", 0644);
	}
	if (gone != 1)
		die("exactly one file must have gone");
	truth_end(&line);
}

static void race_once(const char *here)
{
	int result;

	await_other();
	result = unlink(name);
	tell_gone("unlink", here, result == 0, errno);
	await_other();
	result = rename(name, moved);
	tell_gone("rename", here, result == 0, errno);
}

int main(int argc, char *argv[])
{
	int count = argc > 1 ? atoi(argv[1]) : 0;
	char *here = current_directory();

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		write_file(files[i], "first", 0644);
	snprintf(name, sizeof(name), "%s/name 2", here);
	snprintf(moved, sizeof(moved), "%s/moved", here);
	start_race(name + strlen(name) - 1);
	for (int i = 0; goes_on(i, count); i++)
		race_once(here);
	end_race();
	return 0;
}
