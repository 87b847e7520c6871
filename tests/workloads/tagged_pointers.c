/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Pointers with a tag in their top byte, which arm64 ignores and a kernel that was asked to takes off
 * (Documentation/arch/arm64/tagged-address-abi.rst): what programs with memory tagging hand to every system call.
 */
#include "file_calls.h"

#include <linux/openat2.h>

#ifndef PR_SET_TAGGED_ADDR_CTRL
#define PR_SET_TAGGED_ADDR_CTRL 55
#define PR_TAGGED_ADDR_ENABLE (1UL << 0)
#endif

static long tagged(const void *pointer)
{
	return LONG(pointer) | 0x2aL << 56;
}

static bool may_tag(void)
{
#if defined(__aarch64__)
	return prctl(PR_SET_TAGGED_ADDR_CTRL, PR_TAGGED_ADDR_ENABLE, 0, 0, 0) == 0;
#else
	return false;
#endif
}

static void open_files(void)
{
	static const struct open_how make = {.flags = O_WRONLY | O_CREAT, .mode = 0640}, look = {.flags = O_RDWR};
	const struct file_call calls[] = {
		{"openat", "open", SYS_openat, .dir = 1, .path = 2,
		 .arguments = {AT_FDCWD, tagged("missing"), O_RDONLY}, .keys = "flags=O_RDONLY"},
		{"openat2", "open", SYS_openat2, .dir = 1, .path = 2,
		 .arguments = {AT_FDCWD, tagged("made"), tagged(&make), sizeof(make)},
		 .keys = "flags=O_WRONLY|O_CREAT mode=0640"},
		{"openat2 absent", "open", SYS_openat2, .dir = 1, .path = 2,
		 .arguments = {AT_FDCWD, tagged("missing"), tagged(&look), sizeof(look)}, .keys = "flags=O_RDWR"},
		{"symlinkat", "symlink", SYS_symlinkat, .dir = 2, .path = 3,
		 .arguments = {tagged("target"), AT_FDCWD, tagged("link")}, .keys = "target=target"},
		{"renameat", "rename", SYS_renameat, .dir = 1, .path = 2, .new_dir = 3, .new_path = 4,
		 .arguments = {AT_FDCWD, tagged("link"), AT_FDCWD, tagged("other")}},
		{"setxattr", "xattr", SYS_setxattr, .path = 1,
		 .arguments = {tagged("missing"), tagged("user.aa"), tagged("")}, .keys = "name=user.aa"},
	};

	make_calls(calls, LENGTH(calls));
}

/* The offsets are read from where the call has left them. */
static void copy(void)
{
	long long from = 2, to = 1;
	int file = open("copied", O_RDWR | O_CREAT | O_EXCL, 0600);
	struct truth line = truth_begin("copied");

	if (file < 0 || write(file, "0123", 4) != 4)
		die("copied");
	if (syscall(SYS_copy_file_range, file, tagged(&from), file, tagged(&to), 1L, 0L) != 1)
		die("copy_file_range");
	truth_number(&line, "from", 2);
	truth_number(&line, "to", 1);
	truth_end(&line);
}

static void execute(void)
{
	char *argv[] = {(char *)tagged("./missing"), (char *)tagged("an argument"), (char *)tagged(""), NULL};

	if (syscall(SYS_execve, tagged("./missing"), tagged(argv), tagged(environ)) != -1)
		die("execve");
	truth_failed("execve", errno, "./missing", argv);
}

int main(void)
{
	if (!may_tag()) {
		tell_unsupported("pointers have no tags: that takes an arm64 processor and its kernel");
		return 0;
	}
	open_files();
	copy();
	execute();
	return 0;
}
