/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * uring_io plain|async|sqpoll|defer: reads, writes and splices, one after the other. Each says what its event must say,
 * and at the end there is what went through each file in all.
 */
#include "uring.h"

#define SIZE 4096
#define HERE -1LL /* at the file's own position */

enum target {
	DATA, /* a file, for reading and writing */
	READER, /* the same file, for reading alone */
	WRITER, /* another one, for writing alone */
	DIRECTORY,
	IN_SLOT, /* a file of the ring's table, and of no descriptor */
	PIPE_IN,
	PIPE_OUT,
	BAD, /* no descriptor */
	BAD_SLOT, /* no file in the ring's table */
	TARGETS,
};

struct target_state {
	int number; /* descriptor, or slot */
	bool in_ring;
	const char *name; /* in the directory; NULL: none */
	long long reads, read_bytes, writes, written_bytes;
};

static struct target_state targets[TARGETS] = {
	[DATA] = {.name = "data"},
	[READER] = {.name = "data"},
	[WRITER] = {.name = "writer"},
	[DIRECTORY] = {.name = "directory"},
	[IN_SLOT] = {1, true, "slot"},
	[BAD] = {.number = 987},
	[BAD_SLOT] = {2, true, .name = NULL},
};

struct request {
	const char *label;
	uint8_t opcode;
	enum target target;
	unsigned count;
	long long offset;
	int result; /* that is meant to come out */
	enum target from; /* of a splice */
	long long from_offset;
};

static const struct request requests[] = {
	{"write", IORING_OP_WRITE, DATA, 1000, 0, .result = 1000},
	{"write_here", IORING_OP_WRITE, DATA, 50, HERE, .result = 50},
	{"write_on", IORING_OP_WRITE, DATA, 7, HERE, .result = 7},
	{"writev", IORING_OP_WRITEV, DATA, 3000, 1000, .result = 3000},
	{"write_fixed", IORING_OP_WRITE_FIXED, DATA, 4000, 1LL << 32, .result = 4000},
	{"writev_fixed", URING_OP_WRITEV_FIXED, DATA, 600, 8192, .result = 600},
	{"write_nothing", IORING_OP_WRITE, DATA, 0, 0, .result = 0},
	{"write_slot", IORING_OP_WRITE, IN_SLOT, 2000, 100, .result = 2000},
	{"write_readonly", IORING_OP_WRITE, READER, 10, 0, .result = -EBADF},
	{"write_bad", IORING_OP_WRITE, BAD, 10, 0, .result = -EBADF},
	{"write_bad_slot", IORING_OP_WRITEV, BAD_SLOT, 10, 0, .result = -EBADF},
	{"write_only", IORING_OP_WRITE, WRITER, 10, HERE, .result = 10},

	{"read", IORING_OP_READ, READER, 700, 300, .result = 700},
	{"read_here", IORING_OP_READ, READER, 20, HERE, .result = 20},
	{"read_short", IORING_OP_READ, IN_SLOT, 4000, 100, .result = 2000},
	{"read_end", IORING_OP_READ, IN_SLOT, 100, 1 << 20, .result = 0},
	{"readv", IORING_OP_READV, DATA, 2500, 0, .result = 2500},
	{"read_fixed", IORING_OP_READ_FIXED, IN_SLOT, 512, 64, .result = 512},
	{"read_fixed_there", IORING_OP_READ_FIXED, READER, 4096, (1LL << 32) + 3000, .result = 1000},
	{"readv_fixed", URING_OP_READV_FIXED, READER, 900, 0, .result = 900},
	{"read_writeonly", IORING_OP_READ, WRITER, 10, 0, .result = -EBADF},
	{"read_directory", IORING_OP_READ, DIRECTORY, 10, 0, .result = -EISDIR},
	{"read_bad", IORING_OP_READ, BAD, 10, 5, .result = -EBADF},
	{"read_bad_slot", IORING_OP_READ_FIXED, BAD_SLOT, 10, 0, .result = -EBADF},

	{"to_pipe", IORING_OP_SPLICE, PIPE_IN, 800, HERE, 800, .from = READER, .from_offset = 10},
	{"from_pipe", IORING_OP_SPLICE, WRITER, 300, 5000, 300, .from = PIPE_OUT, .from_offset = HERE},
	{"from_pipe_here", IORING_OP_SPLICE, WRITER, 500, HERE, 500, .from = PIPE_OUT, .from_offset = HERE},
	{"slot_to_pipe", IORING_OP_SPLICE, PIPE_IN, 400, HERE, 400, .from = IN_SLOT, .from_offset = 100},
	{"pipe_to_slot", IORING_OP_SPLICE, IN_SLOT, 400, 0, 400, .from = PIPE_OUT, .from_offset = HERE},
	{"splice_files", IORING_OP_SPLICE, WRITER, 10, HERE, -EINVAL, .from = READER, .from_offset = HERE},
	{"splice_bad", IORING_OP_SPLICE, PIPE_IN, 10, HERE, -EBADF, .from = BAD, .from_offset = HERE},
};

static char *here;
static _Alignas(4096) char buffer[SIZE]; /* registered */

static void prepare_splice(struct uring *ring, const struct request *r)
{
	struct io_uring_sqe *sqe = uring_next(ring, r->opcode, targets[r->target].number);

	sqe->flags |= targets[r->target].in_ring ? IOSQE_FIXED_FILE : 0;
	sqe->splice_fd_in = targets[r->from].number;
	sqe->splice_flags = targets[r->from].in_ring ? SPLICE_F_FD_IN_FIXED : 0;
	sqe->splice_off_in = (unsigned long long)r->from_offset;
	sqe->off = (unsigned long long)r->offset;
	sqe->len = r->count;
}

static bool is_vector(uint8_t opcode)
{
	return opcode == IORING_OP_READV || opcode == IORING_OP_WRITEV || opcode == URING_OP_READV_FIXED ||
	       opcode == URING_OP_WRITEV_FIXED;
}

static void prepare(struct uring *ring, const struct request *r)
{
	static struct iovec vector[2];
	struct io_uring_sqe *sqe;

	if (r->opcode == IORING_OP_SPLICE) {
		prepare_splice(ring, r);
		return;
	}
	sqe = uring_transfer(ring, r->opcode, targets[r->target].number, buffer, r->count, r->offset);
	sqe->flags |= targets[r->target].in_ring ? IOSQE_FIXED_FILE : 0;
	if (!is_vector(r->opcode))
		return;
	vector[0] = (struct iovec){buffer, r->count / 3};
	vector[1] = (struct iovec){buffer + r->count / 3, r->count - r->count / 3};
	sqe->addr = (uintptr_t)vector;
	sqe->len = 2;
}

static bool reads(uint8_t opcode)
{
	return opcode == IORING_OP_READ || opcode == IORING_OP_READV || opcode == IORING_OP_READ_FIXED ||
	       opcode == URING_OP_READV_FIXED;
}

static bool is_pipe(enum target target)
{
	return target == PIPE_IN || target == PIPE_OUT;
}

static void put_path(struct truth *line, enum target target)
{
	const struct target_state *state = &targets[target];
	char path[PATH_MAX];

	if (!state->in_ring)
		truth_number(line, "fd", state->number);
	snprintf(path, sizeof(path), "%s/%s", here, state->name ? state->name : "");
	if (is_pipe(target))
		truth_string(line, "path", path_of(state->number));
	else if (state->name)
		truth_string(line, "path", path);
}

/* One side. That of a pipe is reported only where pipes are asked for. */
static void tell_side(const struct request *r, const char *event, enum target target, long long offset, int result)
{
	struct truth line = request_begin(r->label, event, result);

	if (is_pipe(target))
		truth_string(&line, "pipe", "true");
	put_path(&line, target);
	if (offset != HERE)
		truth_number(&line, "offset", offset);
	if (result >= 0)
		truth_number(&line, "bytes", result);
	truth_end(&line);
}

static void count(struct target_state *target, bool read, int result)
{
	if (result < 0)
		return;
	*(read ? &target->reads : &target->writes) += 1;
	*(read ? &target->read_bytes : &target->written_bytes) += result;
}

static void tell(const struct request *r, int result)
{
	bool splice = r->opcode == IORING_OP_SPLICE;

	if (result != r->result) {
		errno = result < 0 ? -result : 0;
		die(r->label);
	}
	if (splice || reads(r->opcode)) {
		enum target target = splice ? r->from : r->target;

		tell_side(r, "read", target, splice ? r->from_offset : r->offset, result);
		count(&targets[target], true, result);
	}
	if (splice || !reads(r->opcode)) {
		tell_side(r, "write", r->target, r->offset, result);
		count(&targets[r->target], false, result);
	}
}

static void tell_total(enum target index)
{
	const struct target_state *target = &targets[index];
	struct truth line = truth_begin("total");

	if (is_pipe(index))
		truth_string(&line, "pipe", "true");
	put_path(&line, index);
	truth_number(&line, "pid", getpid());
	truth_number(&line, "reads", target->reads);
	truth_number(&line, "read_bytes", target->read_bytes);
	truth_number(&line, "writes", target->writes);
	truth_number(&line, "written_bytes", target->written_bytes);
	truth_end(&line);
}

static int open_or_die(const char *name, int flags)
{
	int fd = open(name, flags | O_CLOEXEC, 0600);

	if (fd < 0)
		die(name);
	return fd;
}

static void open_targets(struct uring *ring)
{
	struct iovec registered = {buffer, sizeof(buffer)};
	int table[4] = {-1, -1, -1, -1}, ends[2];

	if (mkdir("directory", 0700) || pipe2(ends, O_CLOEXEC))
		die("prepare");
	targets[DATA].number = open_or_die("data", O_RDWR | O_CREAT);
	targets[READER].number = open_or_die("data", O_RDONLY);
	targets[WRITER].number = open_or_die("writer", O_WRONLY | O_CREAT);
	targets[DIRECTORY].number = open_or_die("directory", O_RDONLY);
	targets[PIPE_OUT].number = ends[0];
	targets[PIPE_IN].number = ends[1];
	table[targets[IN_SLOT].number] = open_or_die("slot", O_RDWR | O_CREAT);
	if (uring_register(ring, IORING_REGISTER_FILES, table, 4) ||
	    uring_register(ring, IORING_REGISTER_BUFFERS, &registered, 1))
		die("io_uring_register");
	close(table[targets[IN_SLOT].number]);
}

int main(int argc, char *argv[])
{
	struct uring ring;

	if (argc != 2)
		return 2;
	here = current_directory();
	uring_open_as(&ring, 4, argv[1]);
	open_targets(&ring);
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		if (!uring_has(&ring, requests[i].opcode))
			continue;
		prepare(&ring, &requests[i]);
		tell(&requests[i], uring_run(&ring));
	}
	for (int i = 0; i < TARGETS; i++) {
		if (targets[i].reads || targets[i].writes)
			tell_total(i);
	}
	return 0;
}
