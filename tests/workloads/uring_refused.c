/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * uring_refused plain|async|sqpoll|defer: requests that the kernel refuses before it tries them: names that it cannot
 * copy, flags that it does not know.
 */
#include "uring.h"

static struct uring ring;
static char *here;
/* volatile: the compiler must not see that it is bad, or it warns. */
static char *volatile bad_pointer = (char *)1;

/* What was prepared last comes to this error. */
static struct truth refused(const char *label, const char *event, int error)
{
	int result = uring_run(&ring);

	if (result != -error) {
		errno = result < 0 ? -result : 0;
		die(label);
	}
	return request_begin(label, event, result);
}

static void put_name(struct truth *line, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s%s%s", here, *name ? "/" : "", name);
	truth_string(line, "lexical", "true");
	truth_string(line, "path", path);
	truth_string(line, "name", name);
}

static void refuse_opens(void)
{
	struct truth line;

	uring_openat(&ring, AT_FDCWD, "", O_RDWR, 0);
	line = refused("open_empty", "open", ENOENT);
	truth_string(&line, "flags", "O_RDWR");
	put_name(&line, "");
	truth_end(&line);

	uring_openat(&ring, AT_FDCWD, bad_pointer, O_RDONLY, 0);
	line = refused("open_bad", "open", EFAULT);
	truth_string(&line, "flags", "O_RDONLY");
	truth_string(&line, "lexical", "true");
	truth_string(&line, "unreadable", "path");
	truth_end(&line);

	uring_openat(&ring, AT_FDCWD, "file", O_RDONLY, 0)->flags |= IOSQE_FIXED_FILE;
	line = refused("open_fixed", "open", EBADF);
	truth_string(&line, "flags", "O_RDONLY");
	put_name(&line, "file");
	truth_end(&line);
}

/* What openat2 asks for is in a structure of its own, which is not there. */
static void refuse_structure(void)
{
	struct io_uring_sqe *sqe = uring_name(&ring, IORING_OP_OPENAT2, AT_FDCWD, "file");
	struct truth line;

	sqe->addr2 = (uintptr_t)bad_pointer;
	sqe->len = 24; /* OPEN_HOW_SIZE_VER0 */
	line = refused("openat2_bad", "open", EFAULT);
	put_name(&line, "file");
	truth_string(&line, "unreadable", "flags");
	truth_end(&line);
}

static void refuse_names(void)
{
	struct truth line;

	uring_name(&ring, IORING_OP_MKDIRAT, AT_FDCWD, "")->len = 0700;
	line = refused("mkdir_empty", "mkdir", ENOENT);
	truth_string(&line, "mode", "0700");
	put_name(&line, "");
	truth_end(&line);

	uring_name(&ring, IORING_OP_UNLINKAT, AT_FDCWD, "file")->unlink_flags = 0x10000;
	line = refused("unlink_flags", "unlink", EINVAL);
	put_name(&line, "file");
	truth_end(&line);

	uring_names(&ring, IORING_OP_RENAMEAT, AT_FDCWD, "file", AT_FDCWD, "");
	line = refused("rename_empty", "rename", ENOENT);
	put_name(&line, "file");
	truth_string(&line, "new_path", here);
	truth_string(&line, "new_name", "");
	truth_end(&line);
}

static void refuse_io(void)
{
	struct truth line;
	int fd = open("file", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/file", here);
	uring_transfer(&ring, IORING_OP_READV, fd, bad_pointer, 1, 0);
	line = refused("readv_bad", "read", EFAULT);
	truth_number(&line, "fd", fd);
	truth_number(&line, "offset", 0);
	truth_string(&line, "path", path);
	truth_end(&line);
}

int main(int argc, char *argv[])
{
	if (argc != 2)
		return 2;
	here = current_directory();
	uring_open_as(&ring, 4, argv[1]);
	refuse_opens();
	refuse_structure();
	refuse_names();
	refuse_io();
	return 0;
}
