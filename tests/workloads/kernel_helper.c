/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Has the kernel run a program: the release agent of a cgroup hierarchy (version 1) of its own, when the last process
 * leaves a cgroup. Started by the kernel, with the cgroup as its argument, it is that program: it writes its pid into
 * the file "ran" beside itself, there is no standard output.
 */
#include "truth.h"

#include <stdbool.h>
#include <sys/mount.h>

static void be_helper(void)
{
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", getpid());
	write_file("ran.new", pid, 0600);
	/* in one step: who waits for the file finds it whole */
	if (rename("ran.new", "ran"))
		_exit(2);
}

static void put(const char *path, const char *text)
{
	int file = open(path, O_WRONLY | O_CLOEXEC);

	if (file < 0 || write(file, text, strlen(text)) != (ssize_t)strlen(text))
		die(path);
	close(file);
}

static bool make_hierarchy(void)
{
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) || mkdir("hierarchy", 0700))
		die("unshare");
	return !mount("none", "hierarchy", "cgroup", 0, "none,name=aa-kernel-helper");
}

static long read_pid(void)
{
	char text[16] = "";
	int file = open("ran", O_RDONLY | O_CLOEXEC);

	if (file < 0)
		return 0;
	if (read(file, text, sizeof(text) - 1) < 0)
		die("read");
	close(file);
	return atol(text);
}

static void await_helper(const char *agent)
{
	struct truth line = truth_begin("helper");
	long pid;

	while (!(pid = read_pid()))
		usleep(1000);
	truth_number(&line, "pid", pid);
	truth_string(&line, "filename", agent);
	truth_end(&line);
}

int main(int argc, char *argv[])
{
	char agent[PATH_MAX];
	pid_t pid;

	if (argc == 2 && !strcmp(argv[1], "/emptied")) {
		char *slash = strrchr(argv[0], '/');

		*slash = '\0';
		if (chdir(argv[0]))
			return 3;
		be_helper();
		return 7;
	}
	await_go();
	if (!make_hierarchy()) {
		tell_unsupported("no cgroups of version 1");
		return 0;
	}
	snprintf(agent, sizeof(agent), "%s/agent", current_directory());
	copy_program("/proc/self/exe", agent, 0700);
	put("hierarchy/release_agent", agent);
	if (mkdir("hierarchy/emptied", 0700))
		die("mkdir");
	put("hierarchy/emptied/notify_on_release", "1");
	pid = fork_or_die();
	if (pid == 0) {
		put("hierarchy/emptied/cgroup.procs", "0");
		_exit(0);
	}
	await_child(pid);
	await_helper(agent);
	/* the hierarchy goes with its last cgroup and mount */
	if (rmdir("hierarchy/emptied") || umount("hierarchy"))
		die("umount");
	return 0;
}
