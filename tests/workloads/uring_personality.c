/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * uring_personality plain|async|sqpoll|defer: requests with the ids that the program had before, by a personality of
 * the ring, beside those with the ids that it has; one that is refused and some that wait for others.
 */
#include "uring.h"

#define USER 4321
#define GROUP 1234

static struct uring ring;
static char *here;
static int personality;

static void tell(const char *name, bool before, int result)
{
	struct truth line = truth_begin("request");
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", here, name);
	truth_string(&line, "name", name);
	truth_number(&line, "uid", before ? 0 : USER);
	truth_number(&line, "gid", before ? 0 : GROUP);
	if (result < 0)
		truth_string(&line, "error", strerrorname_np(-result));
	truth_end(&line);
}

static void run(const char *name, bool before, unsigned flags)
{
	struct io_uring_sqe *sqe = uring_openat(&ring, AT_FDCWD, name, O_RDWR, 0);

	sqe->flags |= flags;
	sqe->personality = before ? (uint16_t)personality : 0;
	tell(name, before, uring_run(&ring));
}

int main(int argc, char *argv[])
{
	bool by_kernel = argc == 2 && !strcmp(argv[1], "sqpoll");

	if (argc != 2)
		return 2;
	here = current_directory();
	write_file("secret", "", 0600);
	if (chmod(".", 0755) || setgid(0))
		die("prepare");
	uring_open_as(&ring, 4, argv[1]);
	personality = uring_register(&ring, IORING_REGISTER_PERSONALITY, NULL, 0);
	if (personality <= 0)
		die("IORING_REGISTER_PERSONALITY");
	/* the thread alone, as its table of files stays open to it: setresuid() of libc would change all threads */
	if (syscall(SYS_setresgid, -1, GROUP, -1) || syscall(SYS_setresuid, -1, USER, -1))
		die("set ids");
	for (int i = 0; i < 20; i++) {
		run("secret", true, 0);
		/* with IORING_SETUP_SQPOLL the ring's own thread submits, with the ids that made the ring */
		run("secret", by_kernel, 0);
		run("secret", true, IOSQE_ASYNC);
		run("secret", true, IOSQE_FIXED_FILE); /* refused: an open has no file */
	}
	return 0;
}
