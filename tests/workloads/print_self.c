/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The program most workloads execute: says what the kernel gave it.
 */
#include "truth.h"

static void truth_link(struct truth *line, const char *key, const char *link)
{
	char target[PATH_MAX + 1];
	ssize_t length = readlink(link, target, sizeof(target));

	/* In a chroot there is no /proc: then only the caller can know. */
	if (length >= 0)
		truth_bytes(line, key, target, (size_t)length);
}

int main(int argc, char *argv[])
{
	struct truth line = truth_begin("self");
	char comm[17] = {0};

	prctl(PR_GET_NAME, comm);
	truth_number(&line, "pid", getpid());
	truth_number(&line, "tid", thread_id());
	truth_number(&line, "ppid", getppid());
	truth_number(&line, "uid", geteuid());
	truth_number(&line, "gid", getegid());
	truth_string(&line, "comm", comm);
	truth_link(&line, "exe", "/proc/self/exe");
	truth_link(&line, "cwd", "/proc/self/cwd");
	truth_number(&line, "argc", argc);
	truth_arguments(&line, argv);
	truth_end(&line);
	return 0;
}
