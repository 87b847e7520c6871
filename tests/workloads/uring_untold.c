/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * uring_untold CASE: requests whose results the kernel does not tell, or tells late. Afterwards the ring has so many
 * other requests, that nobody reports, that whatever the kernel kept for the first ones is in use again.
 */
#include "uring.h"

#define ENTRIES 64
#define WAITING (8 * (ENTRIES - 1))

static struct uring ring;
static char buffer[4096];

static void use_again(void)
{
	for (int round = 0; round < 20; round++) {
		for (int i = 0; i < ENTRIES; i++)
			uring_next(&ring, IORING_OP_NOP, -1);
		uring_submit(&ring);
		for (int i = 0; i < ENTRIES; i++)
			uring_await(&ring);
	}
}

static void tell(const char *event, const char *name, int result)
{
	struct truth line = truth_begin("request");
	char *here = current_directory();
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s%s%s", here, *name ? "/" : "", name);
	truth_string(&line, "event", event);
	truth_string(&line, "path", path);
	if (result < 0)
		truth_string(&line, "error", strerrorname_np(-result));
	truth_end(&line);
	free(here);
}

/* A request that nobody reports, after those before it. */
static void await_all(void)
{
	uring_next(&ring, IORING_OP_NOP, -1)->flags = IOSQE_IO_DRAIN;
	uring_run(&ring);
}

/* Two that the program wants no result of; the second one fails, and then the kernel tells it all the same. */
static void skip_names(void)
{
	uring_open(&ring, ENTRIES, 0);
	uring_name(&ring, IORING_OP_MKDIRAT, AT_FDCWD, "made")->flags = IOSQE_CQE_SKIP_SUCCESS;
	await_all();
	tell("mkdir", "made", 0);
	uring_openat(&ring, AT_FDCWD, "missing", O_RDONLY, 0)->flags = IOSQE_CQE_SKIP_SUCCESS;
	if (uring_run(&ring) != -ENOENT)
		die("skip");
	tell("open", "missing", -ENOENT);
	use_again();
	if (rmdir("made"))
		die("made");
}

/* Reads and writes without a result: of a file, of a file in a slot, and of a pipe. */
static void skip_io(void)
{
	int table[1] = {open("file", O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
	int ends[2];

	if (table[0] < 0 || pipe2(ends, O_CLOEXEC))
		die("prepare");
	uring_open(&ring, ENTRIES, 0);
	if (uring_register(&ring, IORING_REGISTER_FILES, table, 1))
		die("IORING_REGISTER_FILES");
	ring.sqe_flags = IOSQE_CQE_SKIP_SUCCESS;
	uring_transfer(&ring, IORING_OP_WRITE, table[0], buffer, 100, 0);
	uring_transfer(&ring, IORING_OP_READ, 0, buffer, 100, 0)->flags |= IOSQE_FIXED_FILE;
	uring_transfer(&ring, IORING_OP_WRITE, ends[1], buffer, 100, 0);
	uring_transfer(&ring, IORING_OP_READ, ends[0], buffer, 100, 0);
	ring.sqe_flags = 0;
	await_all();
	use_again();
}

/* The first one fails and is told; then those that hang on it are not. */
static void skip_chain(void)
{
	uring_open(&ring, ENTRIES, 0);
	uring_openat(&ring, AT_FDCWD, "missing", O_RDONLY, 0)->flags = IOSQE_CQE_SKIP_SUCCESS | IOSQE_IO_LINK;
	uring_name(&ring, IORING_OP_MKDIRAT, AT_FDCWD, "never")->len = 0700;
	if (uring_run(&ring) != -ENOENT)
		die("chain");
	tell("open", "missing", -ENOENT);
	use_again();
	if (!access("never", F_OK))
		die("never");
}

/* More results than the queue has room for: the kernel keeps them, and hands them over later. */
static void overflow(void)
{
	static char names[16][16];
	int results[16];

	uring_open_sized(&ring, 2, 2, 0);
	for (int i = 0; i < 16; i += 2) {
		for (int k = i; k < i + 2; k++) {
			snprintf(names[k], sizeof(names[k]), "d%d", k);
			uring_name(&ring, IORING_OP_MKDIRAT, AT_FDCWD, k % 3 ? names[k] : ".")->len = 0700;
		}
		uring_submit(&ring);
	}
	for (int i = 0; i < 16; i++) {
		struct io_uring_cqe cqe = uring_await(&ring);

		results[cqe.user_data] = cqe.res;
	}
	for (int i = 0; i < 16; i++)
		tell("mkdir", i % 3 ? names[i] : "", results[i]);
	for (int i = 0; i < 200; i++) {
		uring_next(&ring, IORING_OP_NOP, -1);
		uring_run(&ring);
	}
}

/* Requests that have one user_data wait behind a read, more than the queue has room for. Then it has room again, and
 * others have that user_data, in the memory of the first. */
static void overflow_shared(void)
{
	static char names[WAITING][16];
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		die("pipe2");
	uring_open_sized(&ring, ENTRIES, ENTRIES, 0);
	for (int i = 0; i < WAITING; i += ENTRIES - 1) {
		uring_transfer(&ring, IORING_OP_READ, ends[0], buffer, 1, 0)->flags = IOSQE_IO_LINK;
		for (int k = i; k < i + ENTRIES - 1; k++) {
			struct io_uring_sqe *sqe;

			snprintf(names[k], sizeof(names[k]), "w%d", k);
			sqe = uring_name(&ring, IORING_OP_MKDIRAT, AT_FDCWD, names[k]);
			sqe->flags = k < i + ENTRIES - 2 ? IOSQE_IO_HARDLINK : 0;
			sqe->len = 0700;
			sqe->user_data = 7;
		}
		uring_submit(&ring);
	}
	if (write(ends[1], buffer, WAITING / (ENTRIES - 1)) < 0)
		die("write");
	for (int i = ENTRIES - 2; i < WAITING; i += ENTRIES - 1)
		while (access(names[i], F_OK))
			uring_enter(&ring, 0, 1);
	for (int i = 0; i < WAITING / (ENTRIES - 1) * ENTRIES; i++)
		uring_await(&ring);
	for (int i = 0; i < WAITING; i++) {
		tell("mkdir", names[i], 0);
		if (rmdir(names[i]))
			die(names[i]);
	}
	for (int i = 0; i < WAITING; i++) {
		uring_name(&ring, IORING_OP_UNLINKAT, AT_FDCWD, names[i])->user_data = 7;
		tell("unlink", names[i], uring_run(&ring));
	}
}

int main(int argc, char *argv[])
{
	static const struct {
		const char *name;
		void (*run)(void);
	} cases[] = {
		{"skip_names", skip_names},	      {"skip_io", skip_io},
		{"skip_chain", skip_chain},	      {"overflow", overflow},
		{"overflow_shared", overflow_shared},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (argc == 2 && !strcmp(argv[1], cases[i].name)) {
			cases[i].run();
			return 0;
		}
	}
	return 2;
}
