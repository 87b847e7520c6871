/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * uring_names plain|async|sqpoll|defer: requests on names, one after the other; each says what its event must say.
 */
#include "uring.h"

#include <dirent.h>
#include <linux/openat2.h>

#define SUB -2 /* relative to the directory "dir" */
#define CWD AT_FDCWD
#define BAD 987 /* no descriptor */

struct request {
	const char *label;
	const char *event;
	uint8_t opcode;
	int dir;
	const char *name;
	unsigned flags; /* of the request */
	const char *told_flags; /* in the event */
	mode_t mode;
	int new_dir;
	const char *new_name; /* or the target of a symbolic link; or the name of an attribute */
	const char *folded; /* the name without its detours */
	unsigned resolve; /* of openat2 */
	int error; /* that is meant to come out */
	bool created;
};

static const struct request requests[] = {
	{"open", "open", IORING_OP_OPENAT, CWD, .name = "dir/inner", O_RDONLY, "O_RDONLY"},
	{"open_relative", "open", IORING_OP_OPENAT, SUB, .name = "inner", O_RDWR | O_CLOEXEC, "O_RDWR|O_CLOEXEC"},
	{"open_link", "open", IORING_OP_OPENAT, CWD, .name = "./dir/../link", O_RDONLY, "O_RDONLY"},
	{"open_link_itself", "open", IORING_OP_OPENAT, CWD, .name = "link", O_PATH | O_NOFOLLOW,
	 "O_RDONLY|O_NOFOLLOW|O_PATH"},
	{"open_absolute", "open", IORING_OP_OPENAT, SUB, .name = "/etc/passwd", O_RDONLY, "O_RDONLY"},
	{"create", "open", IORING_OP_OPENAT, CWD, .name = "fresh", O_WRONLY | O_CREAT | O_EXCL,
	 "O_WRONLY|O_CREAT|O_EXCL", 0640, .created = true},
	{"create_there", "open", IORING_OP_OPENAT, CWD, .name = "fresh", O_WRONLY | O_CREAT | O_TRUNC,
	 "O_WRONLY|O_CREAT|O_TRUNC", 0600},
	{"create_again", "open", IORING_OP_OPENAT, CWD, .name = "fresh", O_RDWR | O_CREAT | O_EXCL,
	 "O_RDWR|O_CREAT|O_EXCL", 0600, .error = EEXIST},
	{"open_missing", "open", IORING_OP_OPENAT, CWD, .name = "dir/missing", O_RDONLY, "O_RDONLY", .error = ENOENT},
	{"open_missing_folded", "open", IORING_OP_OPENAT, SUB, .name = "./../dir//missing", O_RDONLY, "O_RDONLY",
	 .folded = "missing", .error = ENOENT},
	{"open_below_file", "open", IORING_OP_OPENAT, SUB, .name = "inner/x", O_RDONLY, "O_RDONLY", .error = ENOTDIR},
	{"open_bad_dir", "open", IORING_OP_OPENAT, BAD, .name = "inner", O_RDONLY, "O_RDONLY", .error = EBADF},
	{"open2", "open", IORING_OP_OPENAT2, SUB, .name = "inner", O_RDONLY, "O_RDONLY"},
	{"open2_create", "open", IORING_OP_OPENAT2, SUB, .name = "fresh2", O_RDWR | O_CREAT, "O_RDWR|O_CREAT", 0604,
	 .created = true},
	{"open2_missing", "open", IORING_OP_OPENAT2, SUB, .name = "missing", O_RDONLY, "O_RDONLY", .error = ENOENT},
	{"open2_loop", "open", IORING_OP_OPENAT2, CWD, .name = "loop", O_RDONLY, "O_RDONLY",
	 .resolve = RESOLVE_NO_SYMLINKS, .error = ELOOP},
	{"open2_in_root", "open", IORING_OP_OPENAT2, SUB, .name = "/../inner", O_RDONLY, "O_RDONLY",
	 .resolve = RESOLVE_IN_ROOT},
	{"open2_in_root_missing", "open", IORING_OP_OPENAT2, SUB, .name = "/../missing", O_RDONLY, "O_RDONLY",
	 .folded = "missing", .resolve = RESOLVE_IN_ROOT, .error = ENOENT},

	{"mkdir", "mkdir", IORING_OP_MKDIRAT, CWD, .name = "made", .mode = 0750},
	{"mkdir_relative", "mkdir", IORING_OP_MKDIRAT, SUB, .name = "./sub/", .mode = 0700, .folded = "sub"},
	{"mkdir_again", "mkdir", IORING_OP_MKDIRAT, CWD, .name = "made", .mode = 0750, .error = EEXIST},
	{"mkdir_nowhere", "mkdir", IORING_OP_MKDIRAT, SUB, .name = "missing/sub", .mode = 0755, .error = ENOENT},

	{"symlink", "symlink", IORING_OP_SYMLINKAT, SUB, .name = "to_inner", .new_name = "inner"},
	{"symlink_again", "symlink", IORING_OP_SYMLINKAT, SUB, .name = "to_inner", .new_name = "other/../",
	 .error = EEXIST},

	{"link", "link", IORING_OP_LINKAT, CWD, .name = "dir/inner", .new_dir = SUB, .new_name = "hard"},
	{"link_again", "link", IORING_OP_LINKAT, SUB, .name = "inner", .new_dir = CWD, .new_name = "dir/hard",
	 .error = EEXIST},
	{"link_missing", "link", IORING_OP_LINKAT, SUB, .name = "missing", .new_dir = SUB, .new_name = "x",
	 .error = ENOENT},

	{"rename", "rename", IORING_OP_RENAMEAT, CWD, .name = "fresh", .new_dir = SUB, .new_name = "moved"},
	{"rename_keep", "rename", IORING_OP_RENAMEAT, SUB, .name = "moved", RENAME_NOREPLACE, "RENAME_NOREPLACE",
	 .new_dir = SUB, .new_name = "inner", .error = EEXIST},
	{"rename_exchange", "rename", IORING_OP_RENAMEAT, SUB, .name = "moved", RENAME_EXCHANGE, "RENAME_EXCHANGE",
	 .new_dir = SUB, .new_name = "fresh2"},
	{"rename_missing", "rename", IORING_OP_RENAMEAT, SUB, .name = "missing", .new_dir = CWD, .new_name = "x",
	 .error = ENOENT},

	{"xattr", "xattr", IORING_OP_SETXATTR, CWD, .name = "dir/inner", .new_name = "trusted.color"},
	{"xattr_keep", "xattr", IORING_OP_SETXATTR, CWD, .name = "dir/inner", .flags = 1 /* XATTR_CREATE */,
	 .new_name = "trusted.color", .error = EEXIST},
	{"xattr_folded", "xattr", IORING_OP_SETXATTR, CWD, .name = "dir//./hard", .new_name = "trusted.size",
	 .folded = "dir/hard"},
	{"xattr_missing", "xattr", IORING_OP_SETXATTR, CWD, .name = "missing", .new_name = "trusted.color",
	 .error = ENOENT},
	{"xattr_kind", "xattr", IORING_OP_SETXATTR, CWD, .name = "dir/inner", .new_name = "nobody.color",
	 .error = EOPNOTSUPP},

	{"unlink", "unlink", IORING_OP_UNLINKAT, SUB, .name = "moved"},
	{"unlink_again", "unlink", IORING_OP_UNLINKAT, SUB, .name = "moved", .error = ENOENT},
	{"unlink_link", "unlink", IORING_OP_UNLINKAT, SUB, .name = "../dir/to_inner", .folded = "to_inner"},
	{"unlink_directory", "unlink", IORING_OP_UNLINKAT, CWD, .name = "made", .error = EISDIR},
	{"rmdir", "rmdir", IORING_OP_UNLINKAT, CWD, .name = "made", AT_REMOVEDIR},
	{"rmdir_again", "rmdir", IORING_OP_UNLINKAT, CWD, .name = "made", AT_REMOVEDIR, .error = ENOENT},
	{"rmdir_full", "rmdir", IORING_OP_UNLINKAT, CWD, .name = "dir", AT_REMOVEDIR, .error = ENOTEMPTY},
	{"rmdir_file", "rmdir", IORING_OP_UNLINKAT, SUB, .name = "inner", AT_REMOVEDIR, .error = ENOTDIR},
};

static char *here;
static int dir_fd;

static int directory(int dir)
{
	return dir == SUB ? dir_fd : dir;
}

static void prepare(struct uring *ring, const struct request *r, struct open_how *how)
{
	struct io_uring_sqe *sqe = uring_name(ring, r->opcode, directory(r->dir), r->name);

	switch (r->opcode) {
	case IORING_OP_OPENAT2:
		*how = (struct open_how){.flags = r->flags, .mode = r->mode, .resolve = r->resolve};
		sqe->addr2 = (uintptr_t)how;
		sqe->len = sizeof(*how);
		return;
	case IORING_OP_SYMLINKAT:
		sqe->addr = (uintptr_t)r->new_name;
		sqe->addr2 = (uintptr_t)r->name;
		return;
	case IORING_OP_LINKAT:
	case IORING_OP_RENAMEAT:
		sqe->len = (unsigned)directory(r->new_dir);
		sqe->addr2 = (uintptr_t)r->new_name;
		break;
	case IORING_OP_SETXATTR:
		sqe->fd = 0;
		sqe->addr = (uintptr_t)r->new_name;
		sqe->addr2 = (uintptr_t) "value";
		sqe->addr3 = (uintptr_t)r->name;
		sqe->len = 5;
		break;
	default:
		sqe->len = r->mode;
	}
	sqe->rw_flags = (int)r->flags;
}

/* A path by its string, and the string where it differs. */
static void put_lexical(struct truth *line, const char *path_key, const char *name_key, int dir, const char *name,
			const char *folded)
{
	char path[PATH_MAX];

	if (dir == BAD)
		truth_string(line, "unreadable", path_key);
	else {
		snprintf(path, sizeof(path), "%s%s/%s", here, dir == SUB ? "/dir" : "", folded ? folded : name);
		truth_string(line, path_key, path);
	}
	truth_string(line, name_key, name);
}

static void put_opened(struct truth *line, const struct request *r, int fd)
{
	const char *path = path_of(fd);

	truth_number(line, "fd", fd);
	truth_string(line, "path", path);
	if (strcmp(path, r->name))
		truth_string(line, "name", r->name);
	if (r->created)
		truth_string(line, "created", "true");
	close(fd);
}

/* Each thread that the process has had so far: the kernel's own finish some requests. */
static void tell_threads(void)
{
	static pid_t known[64];
	static size_t count;
	DIR *tasks = opendir("/proc/self/task");
	struct dirent *task;
	size_t at;

	if (!tasks)
		die("/proc/self/task");
	while ((task = readdir(tasks))) {
		pid_t tid = atoi(task->d_name);
		struct truth line;

		for (at = 0; at < count && known[at] != tid; at++)
			;
		if (!tid || at < count || count == sizeof(known) / sizeof(known[0]))
			continue;
		known[count++] = tid;
		line = truth_begin("thread");
		truth_number(&line, "tid", tid);
		truth_end(&line);
	}
	closedir(tasks);
}

static void tell(const struct request *r, int result)
{
	bool attribute = r->opcode == IORING_OP_SETXATTR, is_open = !strcmp(r->event, "open");
	struct truth line = request_begin(r->label, r->event, result);
	char mode[8];

	if (result >= 0 ? r->error : -result != r->error) {
		errno = result < 0 ? -result : 0;
		die(r->label);
	}
	if (is_open || r->told_flags)
		truth_string(&line, "flags", r->told_flags);
	snprintf(mode, sizeof(mode), "%04o", r->mode);
	if (r->mode)
		truth_string(&line, "mode", mode);
	if (r->opcode == IORING_OP_SYMLINKAT)
		truth_string(&line, "target", r->new_name);
	if (attribute)
		truth_string(&line, "name", r->new_name);
	if (is_open && result >= 0) {
		put_opened(&line, r, result);
	} else {
		truth_string(&line, "lexical", "true");
		put_lexical(&line, "path", attribute ? "filename" : "name", r->dir, r->name, r->folded);
	}
	if (r->opcode == IORING_OP_LINKAT || r->opcode == IORING_OP_RENAMEAT)
		put_lexical(&line, "new_path", "new_name", r->new_dir, r->new_name, NULL);
	truth_end(&line);
}

int main(int argc, char *argv[])
{
	struct uring ring;
	struct open_how how;

	if (argc != 2)
		return 2;
	here = current_directory();
	if (mkdir("dir", 0755) || symlink("dir/inner", "link") || symlink("loop", "loop"))
		die("prepare");
	write_file("dir/inner", "text", 0644);
	dir_fd = open("dir", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0)
		die("dir");
	umask(0);
	uring_open_as(&ring, 4, argv[1]);
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		prepare(&ring, &requests[i], &how);
		tell(&requests[i], uring_run(&ring));
		tell_threads();
	}
	return 0;
}
