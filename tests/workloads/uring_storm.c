/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * uring_storm COUNT SEED WAY [wait]: so many requests of all kinds, many at once, on few names; with `wait`, from the
 * go on. At the end there is how often each came to which result.
 */
#include "uring.h"

#define BATCH 64
#define NAMES 12
#define KINDS_MAX 4096

struct request {
	const char *event;
	char name[16], new_name[16];
};

struct counted {
	char line[96];
	long long number;
};

static struct uring ring;
static struct request requests[BATCH];
static struct counted counted[KINDS_MAX];
static int kinds;
static int opened[BATCH]; /* by the batch before */
static int opened_count;
static int data;
static char buffer[512];

static int choose(int below)
{
	return (int)(random() % below);
}

static void count(const struct request *r, int result)
{
	char line[96];
	int at = 0;

	snprintf(line, sizeof(line), "event=%s error=%s name=%s new_name=%s", r->event,
		 result < 0 ? strerrorname_np(-result) : "-", r->name, r->new_name);
	while (at < kinds && strcmp(counted[at].line, line))
		at++;
	if (at == KINDS_MAX)
		die("too many kinds");
	if (at == kinds)
		strcpy(counted[kinds++].line, line);
	counted[at].number++;
}

static void prepare(int index)
{
	struct request *r = &requests[index];
	struct io_uring_sqe *sqe;

	snprintf(r->name, sizeof(r->name), "n%d", choose(NAMES));
	snprintf(r->new_name, sizeof(r->new_name), "-");
	switch (choose(10)) {
	case 0:
		r->event = "mkdir";
		sqe = uring_name(&ring, IORING_OP_MKDIRAT, AT_FDCWD, r->name);
		sqe->len = 0700;
		break;
	case 1:
		r->event = "rmdir";
		sqe = uring_name(&ring, IORING_OP_UNLINKAT, AT_FDCWD, r->name);
		sqe->unlink_flags = AT_REMOVEDIR;
		break;
	case 2:
		r->event = "unlink";
		sqe = uring_name(&ring, IORING_OP_UNLINKAT, AT_FDCWD, r->name);
		break;
	case 3:
		r->event = "rename";
		snprintf(r->new_name, sizeof(r->new_name), "n%d", choose(NAMES));
		sqe = uring_names(&ring, IORING_OP_RENAMEAT, AT_FDCWD, r->name, AT_FDCWD, r->new_name);
		break;
	case 4:
		r->event = "link";
		snprintf(r->new_name, sizeof(r->new_name), "n%d", choose(NAMES));
		sqe = uring_names(&ring, IORING_OP_LINKAT, AT_FDCWD, r->name, AT_FDCWD, r->new_name);
		break;
	case 5:
	case 6:
		r->event = "open";
		sqe = uring_openat(&ring, AT_FDCWD, r->name, O_RDWR | (choose(2) ? O_CREAT : 0), 0600);
		break;
	case 7:
		r->event = "read";
		strcpy(r->name, "-");
		sqe = uring_transfer(&ring, IORING_OP_READ, choose(5) ? data : 987, buffer, 100, choose(2000));
		break;
	case 8:
		r->event = "write";
		strcpy(r->name, "-");
		sqe = uring_transfer(&ring, IORING_OP_WRITE, data, buffer, 100, choose(2000));
		break;
	default:
		r->event = NULL;
		sqe = uring_next(&ring, IORING_OP_NOP, -1);
		if (opened_count) {
			sqe->opcode = IORING_OP_CLOSE;
			sqe->fd = opened[--opened_count];
		}
	}
	sqe->user_data = (uint64_t)index;
}

static int run_batch(int size)
{
	int told = 0;

	for (int i = 0; i < size; i++)
		prepare(i);
	uring_submit(&ring);
	for (int i = 0; i < size; i++) {
		struct io_uring_cqe cqe = uring_await(&ring);
		struct request *r = &requests[cqe.user_data];

		if (!r->event)
			continue;
		count(r, cqe.res);
		told++;
		if (strcmp(r->event, "open") || cqe.res < 0)
			continue;
		if (opened_count < BATCH)
			opened[opened_count++] = cqe.res;
		else
			close(cqe.res);
	}
	return told;
}

int main(int argc, char *argv[])
{
	int left;

	if (argc != 4 && argc != 5)
		return 2;
	left = atoi(argv[1]);
	srandom((unsigned)atoi(argv[2]));
	data = open("data", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (data < 0)
		die("data");
	uring_open_as(&ring, BATCH, argv[3]);
	if (argc == 5)
		await_go();
	while (left > 0)
		left -= run_batch(left < BATCH ? left : 1 + choose(BATCH));
	for (int i = 0; i < kinds; i++)
		printf("count %s number=%lld\n", counted[i].line, counted[i].number);
	return 0;
}
