/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * uring_shared ROUNDS: a child and its parent use one ring by turns, so that the kernel's memory of a request serves
 * both. The child waits for the go: it is the one to watch. The parent has a ring of its own, too.
 */
#include "uring.h"

static struct uring ring;

static void make(struct uring *in, const char *who, int round)
{
	char name[64];

	snprintf(name, sizeof(name), "%s.%d", who, round);
	uring_name(in, IORING_OP_MKDIRAT, AT_FDCWD, name)->len = 0700;
	if (uring_run(in))
		die(name);
	uring_openat(in, AT_FDCWD, name, O_RDONLY | O_DIRECTORY, 0);
	close(uring_run(in));
}

static void pass_turn(int to)
{
	if (write(to, "x", 1) != 1)
		die("pass turn");
}

static void await_turn(int from)
{
	char byte;

	if (read(from, &byte, 1) != 1)
		die("await turn");
}

int main(int argc, char *argv[])
{
	int rounds = argc == 2 ? atoi(argv[1]) : 0, down[2], up[2];
	struct uring own;
	pid_t child;

	uring_open(&ring, 4, 0);
	if (pipe2(down, O_CLOEXEC) || pipe2(up, O_CLOEXEC))
		die("pipe");
	child = fork_or_die();
	if (child == 0)
		await_go();
	else
		uring_open(&own, 4, 0);
	for (int round = 0; round < rounds; round++) {
		if (child == 0) {
			make(&ring, "child", round);
			pass_turn(up[1]);
			await_turn(down[0]);
		} else {
			await_turn(up[0]);
			make(&ring, "parent", round);
			make(&own, "own", round);
			pass_turn(down[1]);
		}
	}
	if (child == 0)
		_exit(0);
	await_child(child);
	return 0;
}
