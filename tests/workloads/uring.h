/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * io_uring by its system calls: one request after the other, or several at once. And the line of truth about a request:
 * the event that it should make, key by key; a key that is not there must not be in the event.
 */
#ifndef URING_H
#define URING_H

#include "truth.h"

#include <linux/io_uring.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/uio.h>

/* newer than the headers of some distributions: include/uapi/linux/io_uring.h */
#define URING_OP_FTRUNCATE 55
#define URING_OP_READV_FIXED 60
#define URING_OP_WRITEV_FIXED 61
#define URING_SLOT_ALLOC 0xffffffffU /* IORING_FILE_INDEX_ALLOC */

struct uring {
	int fd;
	unsigned setup;
	unsigned entries;
	unsigned queued; /* prepared, and not yet submitted */
	unsigned prepared; /* in all */
	unsigned *sq_tail, *sq_flags;
	unsigned *cq_head, *cq_tail;
	unsigned cq_mask;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
	uint8_t sqe_flags; /* of every request */
};

__attribute__((unused)) static void *uring_map(int fd, size_t size, off_t what)
{
	void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, what);

	if (map == MAP_FAILED)
		die("mmap ring");
	return map;
}

/* `entries`: a power of two. */
__attribute__((unused)) static void uring_open_sized(struct uring *ring, unsigned entries, unsigned results,
						     unsigned setup)
{
	struct io_uring_params params = {.flags = setup, .sq_thread_idle = 100, .cq_entries = results};
	char *sq, *cq;
	unsigned *array;

	if (results)
		params.flags |= IORING_SETUP_CQSIZE;
	memset(ring, 0, sizeof(*ring));
	ring->fd = (int)syscall(SYS_io_uring_setup, entries, &params);
	if (ring->fd < 0)
		die("io_uring_setup");
	ring->setup = setup;
	ring->entries = params.sq_entries;
	sq = uring_map(ring->fd, params.sq_off.array + params.sq_entries * sizeof(unsigned), IORING_OFF_SQ_RING);
	cq = uring_map(ring->fd, params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe),
		       IORING_OFF_CQ_RING);
	ring->sqes = uring_map(ring->fd, params.sq_entries * sizeof(struct io_uring_sqe), IORING_OFF_SQES);
	ring->sq_tail = (unsigned *)(sq + params.sq_off.tail);
	ring->sq_flags = (unsigned *)(sq + params.sq_off.flags);
	ring->cq_head = (unsigned *)(cq + params.cq_off.head);
	ring->cq_tail = (unsigned *)(cq + params.cq_off.tail);
	ring->cq_mask = params.cq_entries - 1;
	ring->cqes = (struct io_uring_cqe *)(cq + params.cq_off.cqes);
	array = (unsigned *)(sq + params.sq_off.array);
	for (unsigned i = 0; i < params.sq_entries; i++)
		array[i] = i;
}

__attribute__((unused)) static void uring_open(struct uring *ring, unsigned entries, unsigned setup)
{
	uring_open_sized(ring, entries, 0, setup);
}

/* "plain", "async", "sqpoll" or "defer": how the requests run. */
__attribute__((unused)) static void uring_open_as(struct uring *ring, unsigned entries, const char *way)
{
	bool async = !strcmp(way, "async");

	if (!strcmp(way, "sqpoll"))
		uring_open(ring, entries, IORING_SETUP_SQPOLL);
	else if (!strcmp(way, "defer"))
		uring_open(ring, entries, IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SINGLE_ISSUER);
	else if (async || !strcmp(way, "plain"))
		uring_open(ring, entries, 0);
	else
		die(way);
	ring->sqe_flags = async ? IOSQE_ASYNC : 0;
}

/* The next free entry; not more than ring->entries at once. Its user_data is its number. */
__attribute__((unused)) static struct io_uring_sqe *uring_next(struct uring *ring, uint8_t opcode, int fd)
{
	struct io_uring_sqe *sqe = &ring->sqes[(*ring->sq_tail + ring->queued) & (ring->entries - 1)];

	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = opcode;
	sqe->fd = fd;
	sqe->flags = ring->sqe_flags;
	sqe->user_data = ring->prepared++;
	ring->queued++;
	return sqe;
}

__attribute__((unused)) static void uring_enter(struct uring *ring, unsigned submit, unsigned wait)
{
	unsigned flags = wait || ring->setup & IORING_SETUP_DEFER_TASKRUN ? IORING_ENTER_GETEVENTS : 0;

	if (ring->setup & IORING_SETUP_SQPOLL) {
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		if (__atomic_load_n(ring->sq_flags, __ATOMIC_RELAXED) & IORING_SQ_NEED_WAKEUP)
			flags |= IORING_ENTER_SQ_WAKEUP;
	}
	while (syscall(SYS_io_uring_enter, ring->fd, submit, wait, flags, NULL, 0) < 0) {
		if (errno != EINTR)
			die("io_uring_enter");
	}
}

/* Hands over what was prepared. */
__attribute__((unused)) static void uring_submit(struct uring *ring)
{
	unsigned count = ring->queued;

	__atomic_store_n(ring->sq_tail, *ring->sq_tail + count, __ATOMIC_RELEASE);
	ring->queued = 0;
	uring_enter(ring, count, 0);
}

/* Waits for the next result. */
__attribute__((unused)) static struct io_uring_cqe uring_await(struct uring *ring)
{
	struct io_uring_cqe cqe;
	unsigned head = *ring->cq_head;

	while (__atomic_load_n(ring->cq_tail, __ATOMIC_ACQUIRE) == head)
		uring_enter(ring, 0, 1);
	cqe = ring->cqes[head & ring->cq_mask];
	__atomic_store_n(ring->cq_head, head + 1, __ATOMIC_RELEASE);
	return cqe;
}

/* Hands over the one request that was prepared, and waits for its result. */
__attribute__((unused)) static int uring_run(struct uring *ring)
{
	uring_submit(ring);
	return uring_await(ring).res;
}

__attribute__((unused)) static int uring_register(struct uring *ring, unsigned what, const void *argument,
						  unsigned count)
{
	return (int)syscall(SYS_io_uring_register, ring->fd, what, argument, count);
}

__attribute__((unused)) static bool uring_has(struct uring *ring, uint8_t opcode)
{
	struct {
		struct io_uring_probe head;
		struct io_uring_probe_op ops[256];
	} probe = {};

	if (uring_register(ring, IORING_REGISTER_PROBE, &probe, 256))
		die("IORING_REGISTER_PROBE");
	return opcode <= probe.head.last_op && probe.ops[opcode].flags & IO_URING_OP_SUPPORTED;
}

/* Requests on names: `name` in `dir`. */

__attribute__((unused)) static struct io_uring_sqe *uring_name(struct uring *ring, uint8_t opcode, int dir,
							       const char *name)
{
	struct io_uring_sqe *sqe = uring_next(ring, opcode, dir);

	sqe->addr = (uintptr_t)name;
	return sqe;
}

__attribute__((unused)) static struct io_uring_sqe *uring_openat(struct uring *ring, int dir, const char *name,
								 unsigned flags, mode_t mode)
{
	struct io_uring_sqe *sqe = uring_name(ring, IORING_OP_OPENAT, dir, name);

	sqe->open_flags = flags;
	sqe->len = mode;
	return sqe;
}

/* Two names: `sqe->len` has the directory of the second. */
__attribute__((unused)) static struct io_uring_sqe *uring_names(struct uring *ring, uint8_t opcode, int dir,
								const char *name, int new_dir, const char *new_name)
{
	struct io_uring_sqe *sqe = uring_name(ring, opcode, dir, name);

	sqe->len = (unsigned)new_dir;
	sqe->addr2 = (uintptr_t)new_name;
	return sqe;
}

/* Requests that move `count` bytes. `offset` -1: at the file's own position. */
__attribute__((unused)) static struct io_uring_sqe *uring_transfer(struct uring *ring, uint8_t opcode, int fd,
								   const void *buffer, unsigned count, long long offset)
{
	struct io_uring_sqe *sqe = uring_next(ring, opcode, fd);

	sqe->addr = (uintptr_t)buffer;
	sqe->len = count;
	sqe->off = (unsigned long long)offset;
	return sqe;
}

/* The truth: what the event about a request must say. */

__attribute__((unused)) static struct truth request_begin(const char *label, const char *event, int result)
{
	struct truth line = truth_begin("request");

	truth_string(&line, "case", label);
	truth_string(&line, "event", event);
	truth_number(&line, "pid", getpid());
	truth_number(&line, "ppid", getppid());
	truth_number(&line, "uid", geteuid());
	truth_number(&line, "gid", getegid());
	if (result < 0)
		truth_string(&line, "error", strerrorname_np(-result));
	return line;
}

/* What the kernel says the descriptor is open on. */
__attribute__((unused)) static char *path_of(int fd)
{
	static char path[PATH_MAX];
	char link[64];
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, sizeof(path) - 1);
	if (length < 0)
		die(link);
	path[length] = '\0';
	return path;
}

#endif
