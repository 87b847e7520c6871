/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * uring_files plain|async|sqpoll|defer: requests on open files, of the process's table and of the ring's own; each says
 * what its event must say.
 */
#include "uring.h"

#include <linux/falloc.h>
#include <linux/openat2.h>

#define SLOTS 8
#define SLOT_OF_FILE 1
#define SLOT_OF_READER 2
#define EMPTY_SLOT 7
#define BAD 987 /* no descriptor */

enum place {
	OF_PROCESS, /* fd: a descriptor */
	OF_RING, /* fd: a slot of the ring's table */
};

struct request {
	const char *label;
	const char *event;
	uint8_t opcode;
	enum place place;
	int fd; /* FILE_ or READER, or as it is */
	long long size;
	unsigned flags;
	const char *told_flags;
	const char *name; /* of the attribute */
	int error; /* that is meant to come out */
	int older_error; /* and on older kernels */
};

#define FILE_ -2
#define READER -3

static const struct request requests[] = {
	{"allocate", "truncate", IORING_OP_FALLOCATE, OF_PROCESS, FILE_, .size = 5000},
	{"allocate_keep", "truncate", IORING_OP_FALLOCATE, OF_PROCESS, FILE_, 70000, FALLOC_FL_KEEP_SIZE,
	 .told_flags = "FALLOC_FL_KEEP_SIZE"},
	{"punch", "truncate", IORING_OP_FALLOCATE, OF_RING, SLOT_OF_FILE, 4096,
	 FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, .told_flags = "FALLOC_FL_KEEP_SIZE|FALLOC_FL_PUNCH_HOLE"},
	{"allocate_readonly", "truncate", IORING_OP_FALLOCATE, OF_PROCESS, READER, .size = 10, .error = EBADF},
	{"allocate_bad", "truncate", IORING_OP_FALLOCATE, OF_PROCESS, BAD, .size = 10, .error = EBADF},
	{"allocate_empty_slot", "truncate", IORING_OP_FALLOCATE, OF_RING, EMPTY_SLOT, .size = 10, .error = EBADF},
	{"allocate_no_slot", "truncate", IORING_OP_FALLOCATE, OF_RING, BAD, .size = 10, .error = EBADF},

	{"truncate", "truncate", URING_OP_FTRUNCATE, OF_PROCESS, FILE_, .size = 123},
	{"truncate_slot", "truncate", URING_OP_FTRUNCATE, OF_RING, SLOT_OF_FILE, .size = 1LL << 33},
	{"truncate_empty", "truncate", URING_OP_FTRUNCATE, OF_PROCESS, FILE_, .size = 0},
	{"truncate_readonly", "truncate", URING_OP_FTRUNCATE, OF_RING, SLOT_OF_READER, .size = 1, .error = EINVAL},
	{"truncate_bad", "truncate", URING_OP_FTRUNCATE, OF_PROCESS, BAD, .size = 1, .error = EBADF},

	{"xattr", "xattr", IORING_OP_FSETXATTR, OF_PROCESS, FILE_, .name = "trusted.color"},
	{"xattr_slot", "xattr", IORING_OP_FSETXATTR, OF_RING, SLOT_OF_READER, .name = "trusted.size",
	 .older_error = EBADF},
	{"xattr_keep", "xattr", IORING_OP_FSETXATTR, OF_PROCESS, FILE_, .flags = 1 /* XATTR_CREATE */,
	 .name = "trusted.color", .error = EEXIST},
	{"xattr_bad", "xattr", IORING_OP_FSETXATTR, OF_PROCESS, BAD, .name = "trusted.color", .error = EBADF},
};

static char *here;
static int file, reader;

static void prepare(struct uring *ring, const struct request *r)
{
	int fd = r->fd == FILE_ ? file : r->fd == READER ? reader : r->fd;
	struct io_uring_sqe *sqe = uring_next(ring, r->opcode, fd);

	sqe->flags |= r->place == OF_RING ? IOSQE_FIXED_FILE : 0;
	switch (r->opcode) {
	case IORING_OP_FALLOCATE:
		sqe->addr = (unsigned long long)r->size;
		sqe->len = r->flags;
		break;
	case URING_OP_FTRUNCATE:
		sqe->off = (unsigned long long)r->size;
		break;
	case IORING_OP_FSETXATTR:
		sqe->addr = (uintptr_t)r->name;
		sqe->addr2 = (uintptr_t) "value";
		sqe->len = 5;
		sqe->xattr_flags = r->flags;
		break;
	}
}

static bool is_reader(const struct request *r)
{
	return r->fd == (r->place == OF_RING ? SLOT_OF_READER : READER);
}

static bool is_open(const struct request *r)
{
	return r->fd != BAD && !(r->place == OF_RING && r->fd == EMPTY_SLOT);
}

static void check_error(const char *label, int result, int error)
{
	errno = result < 0 ? -result : 0;
	if (errno != error)
		die(label);
}

static void tell(const struct request *r, int result)
{
	struct truth line = request_begin(r->label, r->event, result);

	check_error(r->label, result, r->older_error && result == -r->older_error ? r->older_error : r->error);
	if (r->place == OF_PROCESS)
		truth_number(&line, "fd", r->fd == FILE_ ? file : r->fd == READER ? reader : r->fd);
	if (r->name)
		truth_string(&line, "name", r->name);
	else
		truth_number(&line, "size", r->size);
	if (r->told_flags)
		truth_string(&line, "flags", r->told_flags);
	if (is_open(r))
		truth_string(&line, "path", path_of(is_reader(r) ? reader : file));
	truth_end(&line);
}

/* Opens into the ring's table. */

struct direct {
	const char *label;
	const char *name;
	unsigned flags;
	const char *told_flags;
	const char *mode;
	unsigned slot; /* as the request has it: one more than the index */
	int error;
	bool created;
	const char *path; /* where it is another one than the name */
};

static const struct direct opens[] = {
	{"direct", "there", O_RDONLY, "O_RDONLY", .slot = 4},
	{"direct_link", "link", O_RDONLY, "O_RDONLY", .slot = 4, .path = "there"},
	{"direct_create", "direct", O_RDWR | O_CREAT | O_EXCL, "O_RDWR|O_CREAT|O_EXCL", "0600", .slot = 5,
	 .created = true},
	{"direct_there", "direct", O_RDWR | O_CREAT, "O_RDWR|O_CREAT", "0600", .slot = 5},
	{"direct_any_slot", "there", O_RDONLY, "O_RDONLY", .slot = URING_SLOT_ALLOC},
	{"direct_missing", "missing", O_RDONLY, "O_RDONLY", .slot = 4, .error = ENOENT},
	{"direct_no_slot", "there", O_RDONLY, "O_RDONLY", .slot = 100, .error = EINVAL},
};

static void open_direct(struct uring *ring, const struct direct *o, uint8_t opcode)
{
	struct open_how how = {.flags = o->flags, .mode = o->mode ? 0600 : 0};
	struct io_uring_sqe *sqe = uring_name(ring, opcode, AT_FDCWD, o->name);
	struct truth line;
	char path[PATH_MAX];
	int result;

	sqe->file_index = o->slot;
	if (opcode == IORING_OP_OPENAT2) {
		sqe->addr2 = (uintptr_t)&how;
		sqe->len = sizeof(how);
	} else {
		sqe->open_flags = o->flags;
		sqe->len = how.mode;
	}
	result = uring_run(ring);
	check_error(o->label, result, o->error);
	line = request_begin(o->label, "open", result);
	truth_string(&line, "flags", o->told_flags);
	if (o->mode)
		truth_string(&line, "mode", o->mode);
	if (o->created)
		truth_string(&line, "created", "true");
	snprintf(path, sizeof(path), "%s/%s", here, o->path ? o->path : o->name);
	truth_string(&line, "path", path);
	truth_string(&line, "name", o->name);
	if (result < 0)
		truth_string(&line, "lexical", "true");
	truth_end(&line);
}

static void open_all(struct uring *ring, uint8_t opcode)
{
	for (size_t i = 0; i < sizeof(opens) / sizeof(opens[0]); i++)
		open_direct(ring, &opens[i], opcode);
	if (unlink("direct"))
		die("direct");
}

int main(int argc, char *argv[])
{
	int table[SLOTS];
	struct uring ring;

	if (argc != 2)
		return 2;
	here = current_directory();
	write_file("there", "text", 0644);
	write_file("file", "text", 0644);
	file = open("file", O_RDWR | O_CLOEXEC);
	reader = open("there", O_RDONLY | O_CLOEXEC);
	if (file < 0 || reader < 0 || symlink("there", "link"))
		die("prepare");
	umask(0);
	uring_open_as(&ring, 4, argv[1]);
	memset(table, 0xff, sizeof(table));
	table[SLOT_OF_FILE] = file;
	table[SLOT_OF_READER] = reader;
	if (uring_register(&ring, IORING_REGISTER_FILES, table, SLOTS))
		die("IORING_REGISTER_FILES");
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		if (!uring_has(&ring, requests[i].opcode))
			continue;
		prepare(&ring, &requests[i]);
		tell(&requests[i], uring_run(&ring));
	}
	open_all(&ring, IORING_OP_OPENAT);
	open_all(&ring, IORING_OP_OPENAT2);
	return 0;
}
