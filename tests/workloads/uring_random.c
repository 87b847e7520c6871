/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * uring_random COUNT SEED THREADS WAY: random reads and writes, many at once, on files that are closed and opened anew
 * under the same numbers now and then. Each thread has a ring and files of its own. What went through each file is told
 * when it is closed.
 */
#include "uring.h"

#include <pthread.h>

#define BATCH 32
#define FILES 4
#define SLOTS 2 /* of a ring's own table: the same numbers in every thread */
#define SIZE 3000

struct target {
	int number;
	bool in_ring;
	char name[32];
	long long reads, read_bytes, writes, written_bytes;
};

struct worker {
	pthread_t thread;
	int index;
	int left;
	struct random_data random;
	char random_state[64];
	struct uring ring;
	int generation;
	int targets_count;
	struct target targets[FILES + SLOTS];
	char buffers[BATCH][SIZE];
};

static char *here;
static const char *way;
static pthread_mutex_t output = PTHREAD_MUTEX_INITIALIZER;

static int choose(struct worker *w, int below)
{
	int32_t number;

	random_r(&w->random, &number);
	return number % below;
}

static void tell(const struct target *t)
{
	struct truth line = truth_begin("total");
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", here, t->name);
	if (!t->in_ring)
		truth_number(&line, "fd", t->number);
	truth_string(&line, "path", path);
	truth_number(&line, "pid", getpid());
	truth_number(&line, "reads", t->reads);
	truth_number(&line, "read_bytes", t->read_bytes);
	truth_number(&line, "writes", t->writes);
	truth_number(&line, "written_bytes", t->written_bytes);
	pthread_mutex_lock(&output);
	truth_end(&line);
	pthread_mutex_unlock(&output);
}

static void open_target(struct worker *w, struct target *t, int index)
{
	int number, flags = O_RDWR | O_CREAT | (index >= FILES ? 0 : O_CLOEXEC);

	memset(t, 0, sizeof(*t));
	t->in_ring = index >= FILES;
	snprintf(t->name, sizeof(t->name), "file.%d.%d", w->index, w->generation++);
	if (t->in_ring) {
		uring_openat(&w->ring, AT_FDCWD, t->name, (unsigned)flags, 0600)->file_index =
			(unsigned)(index - FILES + 1);
		number = uring_run(&w->ring) ? -1 : index - FILES;
	} else if (choose(w, 2)) {
		uring_openat(&w->ring, AT_FDCWD, t->name, (unsigned)flags, 0600);
		number = uring_run(&w->ring);
	} else {
		number = open(t->name, flags, 0600);
	}
	if (number < 0)
		die(t->name);
	t->number = number;
}

static void close_target(struct worker *w, struct target *t)
{
	struct io_uring_sqe *sqe;

	if (t->reads || t->writes)
		tell(t);
	if (!t->in_ring && choose(w, 2)) {
		if (close(t->number))
			die("close");
		return;
	}
	sqe = uring_next(&w->ring, IORING_OP_CLOSE, t->in_ring ? 0 : t->number);
	sqe->file_index = t->in_ring ? (unsigned)t->number + 1 : 0;
	if (uring_run(&w->ring))
		die("close");
}

static void prepare(struct worker *w, int index)
{
	int target = choose(w, w->targets_count), bytes = 1 + choose(w, SIZE - 1);
	struct target *t = &w->targets[target];
	bool write = choose(w, 2);
	struct io_uring_sqe *sqe = uring_transfer(&w->ring, write ? IORING_OP_WRITE : IORING_OP_READ, t->number,
						  w->buffers[index], (unsigned)bytes, choose(w, 20000));

	sqe->flags |= t->in_ring ? IOSQE_FIXED_FILE : 0;
	sqe->user_data = (uint64_t)(target * 2 + write);
}

static void run_batch(struct worker *w, int size)
{
	for (int i = 0; i < size; i++)
		prepare(w, i);
	uring_submit(&w->ring);
	for (int i = 0; i < size; i++) {
		struct io_uring_cqe cqe = uring_await(&w->ring);
		struct target *t = &w->targets[cqe.user_data / 2];

		if (cqe.res < 0)
			die("transfer");
		*(cqe.user_data % 2 ? &t->writes : &t->reads) += 1;
		*(cqe.user_data % 2 ? &t->written_bytes : &t->read_bytes) += cqe.res;
	}
	w->left -= size;
}

static void *work(void *argument)
{
	struct worker *w = argument;
	int table[SLOTS] = {-1, -1};

	uring_open_as(&w->ring, BATCH, way);
	if (uring_register(&w->ring, IORING_REGISTER_FILES, table, SLOTS))
		die("IORING_REGISTER_FILES");
	for (int i = 0; i < w->targets_count; i++)
		open_target(w, &w->targets[i], i);
	while (w->left > 0) {
		int changed = choose(w, w->targets_count);

		run_batch(w, w->left < BATCH ? w->left : 1 + choose(w, BATCH));
		if (choose(w, 4))
			continue;
		close_target(w, &w->targets[changed]);
		open_target(w, &w->targets[changed], changed);
	}
	for (int i = 0; i < w->targets_count; i++) {
		if (w->targets[i].reads || w->targets[i].writes)
			tell(&w->targets[i]);
	}
	return NULL;
}

int main(int argc, char *argv[])
{
	int threads = argc == 5 ? atoi(argv[3]) : 0;
	struct worker *workers = calloc((size_t)threads, sizeof(*workers));

	if (!workers || !threads)
		return 2;
	here = current_directory();
	way = argv[4];
	for (int i = 0; i < threads; i++) {
		struct worker *w = &workers[i];

		w->index = i;
		w->left = atoi(argv[1]) / threads;
		w->targets_count = FILES + SLOTS;
		initstate_r((unsigned)(atoi(argv[2]) + i), w->random_state, sizeof(w->random_state), &w->random);
		if (pthread_create(&w->thread, NULL, work, w))
			die("pthread_create");
	}
	for (int i = 0; i < threads; i++)
		pthread_join(workers[i].thread, NULL);
	return 0;
}
