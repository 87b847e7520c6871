/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * uring_swap CASE ROUNDS: opens whose file is replaced at once, under its descriptor or in its slot, by another one.
 * The name is that of a link: what was opened has another path than what was asked for. A line of truth for each open
 * says what it opened; `exact` is there where the kernel ran the requests of the batch one after the other.
 */
#include "uring.h"

#include <pthread.h>

#define ENTRIES 4096
#define SLOT 3
#define PADS 4000

static struct uring ring;
static int harmless;
static int table[8] = {-1, -1, -1, -1, -1, -1, -1, -1};
static char *here;
static bool over;

static struct io_uring_sqe *open_link(void)
{
	return uring_openat(&ring, AT_FDCWD, "link/x", O_RDONLY, 0);
}

static struct io_uring_sqe *open_harmless(void)
{
	return uring_openat(&ring, AT_FDCWD, "harmless", O_RDONLY, 0);
}

static void tell(const char *path, bool exact)
{
	struct truth line = truth_begin("opened");
	char whole[PATH_MAX];

	snprintf(whole, sizeof(whole), "%s/%s", here, path);
	truth_string(&line, "name", strcmp(path, "harmless") ? "link/x" : path);
	truth_string(&line, "path", whole);
	if (exact)
		truth_string(&line, "exact", "true");
	truth_end(&line);
}

/* The first byte of a file of the ring's table; 0: there is none. */
static char byte_of_slot(void)
{
	char byte = 0;

	uring_transfer(&ring, IORING_OP_READ, SLOT, &byte, 1, 0)->flags = IOSQE_FIXED_FILE;
	return uring_run(&ring) == 1 ? byte : 0;
}

static void await(int *results, int count)
{
	unsigned first = ring.prepared - (unsigned)count;

	uring_submit(&ring);
	for (int i = 0; i < count; i++) {
		struct io_uring_cqe cqe = uring_await(&ring);

		results[cqe.user_data - first] = cqe.res;
	}
}

/* A later request of the batch puts another file into the slot. */
static void swap_slot(void)
{
	int results[2];

	open_link()->file_index = SLOT + 1;
	uring_transfer(&ring, IORING_OP_FILES_UPDATE, -1, &harmless, 1, SLOT);
	await(results, 2);
	if (results[0] >= 0)
		tell("secret/x", byte_of_slot() == 'h');
}

/* Two opens into one slot. */
static void reopen_slot(void)
{
	int results[2];
	bool exact;

	open_link()->file_index = SLOT + 1;
	open_harmless()->file_index = SLOT + 1;
	await(results, 2);
	exact = byte_of_slot() == 'h';
	if (results[0] >= 0)
		tell("secret/x", exact);
	if (results[1] >= 0)
		tell("harmless", false);
}

/* The number is closed and stands for another file; between both are very many requests that close what is not open. */
static void reopen_number(int pads)
{
	static int results[PADS + 3];
	int fd = dup(harmless);
	int last = pads + 2;
	bool exact;

	if (fd < 0 || close(fd))
		die("dup");
	open_link();
	uring_next(&ring, IORING_OP_CLOSE, fd);
	for (int i = 0; i < pads; i++)
		uring_next(&ring, IORING_OP_CLOSE, 100000 + i);
	open_harmless();
	await(results, pads + 3);
	exact = results[0] == fd && !results[1] && results[last] == fd;
	if (results[0] >= 0)
		tell("secret/x", exact);
	if (results[last] >= 0)
		tell("harmless", exact);
	if (!exact && results[0] >= 0 && results[1])
		close(results[0]);
	if (results[last] >= 0)
		close(results[last]);
}

static void reopen_number_at_once(void)
{
	reopen_number(0);
}

static void reopen_number_padded(void)
{
	reopen_number(PADS);
}

static void *swap_for_ever(void *unused)
{
	(void)unused;
	while (!__atomic_load_n(&over, __ATOMIC_RELAXED)) {
		struct io_uring_files_update update = {.offset = SLOT, .fds = (uintptr_t)&harmless};

		uring_register(&ring, IORING_REGISTER_FILES_UPDATE, &update, 1);
	}
	return NULL;
}

static void *dup_for_ever(void *fd)
{
	while (!__atomic_load_n(&over, __ATOMIC_RELAXED))
		dup2(harmless, *(int *)fd);
	return NULL;
}

/* Another thread replaces what the kernel's own thread has opened. */
static void race_slot(void)
{
	int results[1];

	open_link()->file_index = SLOT + 1;
	ring.sqes[(*ring.sq_tail) & (ring.entries - 1)].flags = IOSQE_ASYNC;
	await(results, 1);
	if (results[0] >= 0)
		tell("secret/x", false);
}

static void race_number(void)
{
	int results[1];

	open_link();
	if (ring.prepared % 2)
		ring.sqes[(*ring.sq_tail) & (ring.entries - 1)].flags = IOSQE_ASYNC;
	await(results, 1);
	if (results[0] < 0)
		return;
	tell("secret/x", false);
	close(results[0]);
}

static void race(void (*run)(void), int rounds, void *(*other)(void *))
{
	pthread_t thread;
	int fd = dup(harmless);

	close(fd);
	if (pthread_create(&thread, NULL, other, &fd))
		die("pthread_create");
	for (int i = 0; i < rounds; i++)
		run();
	__atomic_store_n(&over, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
}

int main(int argc, char *argv[])
{
	static const struct {
		const char *name;
		void (*run)(void);
		void *(*other)(void *);
	} cases[] = {
		{"slot", swap_slot, NULL},
		{"slot_reopened", reopen_slot, NULL},
		{"number", reopen_number_at_once, NULL},
		{"number_padded", reopen_number_padded, NULL},
		{"slot_race", race_slot, swap_for_ever},
		{"number_race", race_number, dup_for_ever},
	};
	int rounds = argc == 3 ? atoi(argv[2]) : 0;

	here = current_directory();
	if (mkdir("secret", 0700) || symlink("secret", "link"))
		die("link");
	write_file("secret/x", "secret", 0600);
	write_file("harmless", "harmless", 0600);
	harmless = open("harmless", O_RDONLY | O_CLOEXEC);
	close(open("link/x", O_RDONLY | O_CLOEXEC)); /* the kernel knows the names: it opens at submission */
	uring_open(&ring, ENTRIES, 0);
	if (uring_register(&ring, IORING_REGISTER_FILES, table, 8))
		die("IORING_REGISTER_FILES");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (argc != 3 || strcmp(argv[1], cases[i].name))
			continue;
		if (cases[i].other)
			race(cases[i].run, rounds, cases[i].other);
		for (int k = 0; k < rounds && !cases[i].other; k++)
			cases[i].run();
		return 0;
	}
	return 2;
}
