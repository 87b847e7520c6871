/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * uring_links plain|async|sqpoll|defer: chains of requests, and what becomes of them when one fails. Each chain is
 * handed over at once; its truth is told in the order of the results.
 */
#include "uring.h"

#include <linux/falloc.h>

#define SLOT 1
#define LINKS_MAX 4
#define FILE_ -2 /* the descriptor of "file" */
#define BAD 987 /* no descriptor */
#define SOFT IOSQE_IO_LINK
#define HARD IOSQE_IO_HARDLINK
#define FIXED IOSQE_FIXED_FILE

struct request {
	const char *event; /* NULL: none */
	uint8_t opcode;
	int fd;
	const char *name; /* in the directory; of a request on a file: the file's */
	uint8_t flags;
	int result; /* that is meant to come out; DESCRIPTOR: the number of a new one */
	unsigned count; /* bytes, or the size of a file */
	unsigned slot; /* one more than the index */
	bool create;
};

#define DESCRIPTOR 1 << 20

struct chain {
	const char *label;
	struct request requests[LINKS_MAX];
};

static const struct chain chains[] = {
	{"all_well",
	 {{"mkdir", IORING_OP_MKDIRAT, AT_FDCWD, "made", SOFT, .result = 0},
	  {"open", IORING_OP_OPENAT, AT_FDCWD, "made/new", SOFT, .result = DESCRIPTOR, .create = true},
	  {"unlink", IORING_OP_UNLINKAT, AT_FDCWD, "made/new", .result = 0}}},
	{"broken_by_open",
	 {{"open", IORING_OP_OPENAT, AT_FDCWD, "missing", SOFT, .result = -ENOENT},
	  {"mkdir", IORING_OP_MKDIRAT, AT_FDCWD, "never", SOFT, .result = -ECANCELED},
	  {"unlink", IORING_OP_UNLINKAT, AT_FDCWD, "file", SOFT, .result = -ECANCELED},
	  {"write", IORING_OP_WRITE, FILE_, "file", .result = -ECANCELED, .count = 10}}},
	{"broken_in_the_middle",
	 {{"write", IORING_OP_WRITE, FILE_, "file", SOFT, .result = 10, .count = 10},
	  {"open", IORING_OP_OPENAT, AT_FDCWD, "missing", SOFT, .result = -ENOENT},
	  {"truncate", IORING_OP_FALLOCATE, FILE_, "file", SOFT, .result = -ECANCELED, .count = 10},
	  {"open", IORING_OP_OPENAT, AT_FDCWD, "file", .result = -ECANCELED}}},
	{"broken_by_short_read",
	 {{"read", IORING_OP_READ, FILE_, "file", SOFT, .result = 10, .count = 4000},
	  {"write", IORING_OP_WRITE, FILE_, "file", .result = -ECANCELED, .count = 10}}},
	{"broken_by_descriptor",
	 {{"truncate", IORING_OP_FALLOCATE, BAD, NULL, SOFT, .result = -EBADF, .count = 10},
	  {"rmdir", IORING_OP_UNLINKAT, AT_FDCWD, "made", .result = -ECANCELED}}},
	{"hard",
	 {{"open", IORING_OP_OPENAT, AT_FDCWD, "missing", HARD, .result = -ENOENT},
	  {"read", IORING_OP_READ, BAD, NULL, HARD, .result = -EBADF, .count = 10},
	  {"rmdir", IORING_OP_UNLINKAT, AT_FDCWD, "made", .result = 0}}},
	{"through_a_slot",
	 {{"open", IORING_OP_OPENAT, AT_FDCWD, "slot", SOFT, .result = 0, .slot = SLOT + 1, .create = true},
	  {"write", IORING_OP_WRITE, SLOT, "slot", SOFT | FIXED, .result = 2000, .count = 2000},
	  {"truncate", IORING_OP_FALLOCATE, SLOT, "slot", SOFT | FIXED, .result = 0, .count = 3000},
	  {NULL, IORING_OP_CLOSE, 0, NULL, .result = 0, .slot = SLOT + 1}}},
	{"through_no_slot",
	 {{"open", IORING_OP_OPENAT, AT_FDCWD, "missing", SOFT, .result = -ENOENT, .slot = SLOT + 1},
	  {"write", IORING_OP_WRITE, SLOT, NULL, SOFT | FIXED, .result = -ECANCELED, .count = 2000},
	  {"truncate", IORING_OP_FALLOCATE, SLOT, NULL, SOFT | FIXED, .result = -ECANCELED, .count = 3000},
	  {NULL, IORING_OP_CLOSE, 0, NULL, .result = -ECANCELED, .slot = SLOT + 1}}},
};

static char *here;
static int file;
static char buffer[4096];

static bool is_transfer(const struct request *r)
{
	return r->opcode == IORING_OP_READ || r->opcode == IORING_OP_WRITE;
}

static bool is_on_file(const struct request *r)
{
	return is_transfer(r) || r->opcode == IORING_OP_FALLOCATE;
}

static void prepare(struct uring *ring, const struct request *r, uint64_t index)
{
	struct io_uring_sqe *sqe = uring_next(ring, r->opcode, r->fd == FILE_ ? file : r->fd);

	sqe->flags |= r->flags;
	sqe->user_data = index;
	if (is_transfer(r)) {
		sqe->addr = (uintptr_t)buffer;
		sqe->len = r->count;
	} else if (r->opcode == IORING_OP_FALLOCATE) {
		sqe->addr = r->count;
	} else if (r->opcode == IORING_OP_CLOSE) {
		sqe->file_index = r->slot;
	} else {
		sqe->addr = (uintptr_t)r->name;
		sqe->file_index = r->slot;
	}
	if (r->create)
		sqe->open_flags = O_RDWR | O_CREAT;
	else if (!strcmp(r->event ? r->event : "", "rmdir"))
		sqe->unlink_flags = AT_REMOVEDIR;
	if (r->create || r->opcode == IORING_OP_MKDIRAT)
		sqe->len = 0700;
}

static void put_path(struct truth *line, const struct request *r, bool lexical)
{
	char path[PATH_MAX];

	if (lexical)
		truth_string(line, "lexical", "true");
	if (!r->name)
		return;
	snprintf(path, sizeof(path), "%s/%s", here, r->name);
	truth_string(line, "path", path);
	if (!is_on_file(r))
		truth_string(line, "name", r->name);
}

static void tell(const char *label, const struct request *r, int result)
{
	bool is_open = r->opcode == IORING_OP_OPENAT;
	struct truth line;

	if (r->result == (DESCRIPTOR) ? result < 0 : result != r->result) {
		errno = result < 0 ? -result : 0;
		die(label);
	}
	if (!r->event)
		return;
	line = request_begin(label, r->event, result);
	if (is_on_file(r) && !(r->flags & FIXED))
		truth_number(&line, "fd", r->fd == FILE_ ? file : r->fd);
	if (r->result == (DESCRIPTOR))
		truth_number(&line, "fd", result);
	if (is_transfer(r))
		truth_number(&line, "offset", 0);
	if (is_transfer(r) && result >= 0)
		truth_number(&line, "bytes", result);
	if (r->opcode == IORING_OP_FALLOCATE)
		truth_number(&line, "size", r->count);
	if (is_open)
		truth_string(&line, "flags", r->create ? "O_RDWR|O_CREAT" : "O_RDONLY");
	if (r->create || r->opcode == IORING_OP_MKDIRAT)
		truth_string(&line, "mode", "0700");
	if (r->create)
		truth_string(&line, "created", "true");
	put_path(&line, r, !is_on_file(r) && !(is_open && result >= 0));
	truth_end(&line);
}

static void run(struct uring *ring, const struct chain *chain)
{
	unsigned count = 0;

	while (count < LINKS_MAX && chain->requests[count].opcode) {
		prepare(ring, &chain->requests[count], count);
		count++;
	}
	uring_submit(ring);
	while (count--) {
		struct io_uring_cqe cqe = uring_await(ring);

		tell(chain->label, &chain->requests[cqe.user_data], cqe.res);
	}
}

int main(int argc, char *argv[])
{
	int table[4] = {-1, -1, -1, -1};
	struct uring ring;

	if (argc != 2)
		return 2;
	here = current_directory();
	file = open("file", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (file < 0)
		die("file");
	umask(0);
	uring_open_as(&ring, LINKS_MAX, argv[1]);
	if (uring_register(&ring, IORING_REGISTER_FILES, table, 4))
		die("IORING_REGISTER_FILES");
	for (size_t i = 0; i < sizeof(chains) / sizeof(chains[0]); i++)
		run(&ring, &chains[i]);
	return 0;
}
