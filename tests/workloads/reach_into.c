/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Tries every way into its parent that ptrace's check guards, tells for each whether it was open, and for each map of
 * BPF it came by whether that can be written to; then makes the given file.
 *
 *   way name=NAME open=0|1
 *   map name=NAME writable=0|1
 */
#include "truth.h"

#include <dirent.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

enum { DESCRIPTORS = 256 };

static void tell(const char *way, bool is_open)
{
	struct truth line = truth_begin("way");

	truth_string(&line, "name", way);
	truth_number(&line, "open", is_open);
	truth_end(&line);
}

static void tell_map(int fd)
{
	static char value[1 << 20];
	char key[64] = {0}, link[32], what[32] = {0};
	struct bpf_map_info info = {0};
	union bpf_attr asked = {.info = {.bpf_fd = fd, .info_len = sizeof info, .info = (unsigned long)&info}};
	union bpf_attr change = {.map_fd = fd, .key = (unsigned long)key, .value = (unsigned long)value};
	struct truth line;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	if (readlink(link, what, sizeof what - 1) < 0 || strcmp(what, "anon_inode:bpf-map"))
		return;
	if (syscall(SYS_bpf, BPF_OBJ_GET_INFO_BY_FD, &asked, sizeof asked) || info.key_size > sizeof key ||
	    info.value_size > sizeof value)
		die("bpf map");
	/* what cannot succeed, so that a map which is open to it stays as it is: EPERM comes first
	 * (kernel/bpf/syscall.c) */
	change.flags = info.type == BPF_MAP_TYPE_ARRAY ? BPF_NOEXIST : BPF_EXIST;
	memset(key, info.type == BPF_MAP_TYPE_ARRAY ? 0 : 0xff, sizeof key);
	line = truth_begin("map");
	truth_string(&line, "name", info.name);
	truth_number(&line, "writable",
		     syscall(SYS_bpf, BPF_MAP_UPDATE_ELEM, &change, sizeof change) == 0 || errno != EPERM);
	truth_end(&line);
}

static void take_descriptors(pid_t parent)
{
	int process = syscall(SYS_pidfd_open, parent, 0);
	bool is_open = false;

	if (process < 0)
		die("pidfd_open");
	for (int i = 0; i < DESCRIPTORS; i++) {
		int fd = syscall(SYS_pidfd_getfd, process, i, 0);

		if (fd < 0)
			continue;
		is_open = true;
		tell_map(fd);
		close(fd);
	}
	tell("pidfd_getfd", is_open);
}

static void read_memory(pid_t parent)
{
	char byte;
	struct iovec here = {&byte, 1}, there = {(void *)1, 1};

	tell("process_vm_readv", process_vm_readv(parent, &here, 1, &there, 1, 0) >= 0 || errno != EPERM);
}

static void open_files(pid_t parent)
{
	static const char *const names[] = {"mem", "fd", "environ", "maps"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char path[64];

		snprintf(path, sizeof path, "/proc/%d/%s", parent, names[i]);
		tell(names[i], open(path, O_RDONLY | O_CLOEXEC) >= 0);
	}
}

static void trace(pid_t parent)
{
	bool is_open = ptrace(PTRACE_SEIZE, parent, NULL, NULL) == 0;

	tell("ptrace", is_open);
	if (is_open) {
		int status;

		ptrace(PTRACE_INTERRUPT, parent, NULL, NULL);
		waitpid(parent, &status, __WALL);
		ptrace(PTRACE_DETACH, parent, NULL, NULL);
	}
}

int main(int argc, char *argv[])
{
	const pid_t parent = getppid();

	if (argc < 2)
		return 2;
	take_descriptors(parent);
	read_memory(parent);
	open_files(parent);
	trace(parent);
	return open(argv[1], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) < 0;
}
