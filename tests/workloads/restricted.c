/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Runs a program in restricted surroundings:
 *
 *   restricted RESTRICTION... -- PROGRAM [ARG...]
 *
 *   hide=DIRECTORY   with nothing in it, to the program alone
 *   unmount=POINT    not mounted, to the program alone, wherever it was mounted
 *   without=CAP      without that capability (number), also as root
 *   only=CAP,CAP     as nobody, with these capabilities and no others
 *   deny=NUMBER      that system call is refused with EPERM
 *   user-namespace   as root of a user namespace
 *   set=NAME=VALUE   in its environment
 */
#include "truth.h"

#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mount.h>

enum { NOBODY = 65534 };

static void get_own_mounts(void)
{
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		die("unshare mounts");
}

static void hide(const char *directory)
{
	get_own_mounts();
	if (mount("none", directory, "tmpfs", 0, NULL))
		die(directory);
}

static void unmount(const char *point)
{
	get_own_mounts();
	while (!umount2(point, MNT_DETACH))
		; /* what was mounted below it */
	if (errno != EINVAL)
		die(point);
}

static void drop(const char *capability)
{
	if (prctl(PR_CAPBSET_DROP, atoi(capability), 0, 0, 0))
		die("drop from the bounding set");
}

static void keep_only(const char *list)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct sets[2] = {0};
	int capabilities[8], count = 0;

	for (const char *next = list; next && count < 8; next = strchr(next, ',') ? strchr(next, ',') + 1 : NULL) {
		int capability = capabilities[count++] = atoi(next);

		sets[capability / 32].permitted |= 1U << capability % 32;
	}
	for (int i = 0; i < 2; i++)
		sets[i].effective = sets[i].inheritable = sets[i].permitted;
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) || setresgid(NOBODY, NOBODY, NOBODY) ||
	    setresuid(NOBODY, NOBODY, NOBODY) || syscall(SYS_capset, &header, sets))
		die("become nobody");
	for (int i = 0; i < count; i++)
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capabilities[i], 0, 0))
			die("raise ambient capability");
}

static void deny(const char *number)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)atoi(number), 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = {.len = sizeof code / sizeof *code, .filter = code};

	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0))
		die("seccomp");
}

static void write_map(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die(path);
	close(fd);
}

static void be_root_of_a_user_namespace(void)
{
	if (unshare(CLONE_NEWUSER))
		die("unshare user");
	write_map("/proc/self/setgroups", "deny");
	write_map("/proc/self/uid_map", "0 0 1");
	write_map("/proc/self/gid_map", "0 0 1");
}

static void restrict_by(const char *word)
{
	const char *value = strchr(word, '=') ? strchr(word, '=') + 1 : "";

	if (!strncmp(word, "hide=", 5))
		hide(value);
	else if (!strncmp(word, "unmount=", 8))
		unmount(value);
	else if (!strncmp(word, "without=", 8))
		drop(value);
	else if (!strncmp(word, "only=", 5))
		keep_only(value);
	else if (!strncmp(word, "deny=", 5))
		deny(value);
	else if (!strncmp(word, "set=", 4))
		putenv((char *)value);
	else if (!strcmp(word, "user-namespace"))
		be_root_of_a_user_namespace();
	else
		_exit(2);
}

int main(int argc, char *argv[])
{
	int i = 1;

	for (; i < argc && strcmp(argv[i], "--"); i++)
		restrict_by(argv[i]);
	if (++i >= argc)
		return 2;
	execv(argv[i], argv + i);
	die(argv[i]);
}
