/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * io_shared CASE: descriptors that more than one thread or process uses, and what each process moved through each file.
 */
#include "io_shared.h"

#include <sys/socket.h>
#include <sys/uio.h>

enum { THREADS = 8, CALLS = 20000 };

static void *read_and_write(void *unused)
{
	char bytes[BYTES];

	for (int i = 0; i < CALLS; i++) {
		write_to(FD, 1);
		if (pread(FD, bytes, BYTES, 0) != BYTES)
			die("pread");
	}
	return unused;
}

static void eight_threads(void)
{
	pthread_t threads[THREADS];

	open_at(FD, "one");
	for (int i = 0; i < THREADS; i++)
		threads[i] = start(read_and_write, NULL);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	say_total(getpid(), "one", THREADS * CALLS, THREADS * CALLS);
}

union control {
	char bytes[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

static void send_fd(int socket, int fd)
{
	union control control = {0};
	struct iovec byte = {"x", 1};
	struct msghdr message = {.msg_iov = &byte, .msg_iovlen = 1, .msg_control = &control, sizeof(control), 0};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	*header = (struct cmsghdr){CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
	memcpy(CMSG_DATA(header), &fd, sizeof(int));
	if (sendmsg(socket, &message, 0) != 1)
		die("sendmsg");
}

static int receive_fd(int socket)
{
	union control control = {0};
	char byte;
	struct iovec part = {&byte, 1};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, sizeof(control), 0};
	int fd;

	if (recvmsg(socket, &message, 0) != 1)
		die("recvmsg");
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
	return fd;
}

/* The second one has the number of another file in the receiver, which is closed when it comes. */
static void passed(void)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		die("socketpair");
	pid_t pid = fork_or_die();
	if (pid == 0) {
		int fd = receive_fd(ends[1]);
		write_to(fd, 2);
		close(fd);
		fd = receive_fd(ends[1]);
		write_to(fd, 3);
		_exit(0);
	}
	open_at(FD, "one");
	open_at(OTHER, "two");
	write_to(FD, 1);
	send_fd(ends[0], FD);
	close(FD);
	send_fd(ends[0], OTHER);
	waitpid(pid, NULL, 0);
	say_total(getpid(), "one", 0, 1);
	say_total(pid, "one", 0, 2);
	say_total(pid, "two", 0, 3);
}

/* The child shares the parent's memory, not its descriptors. */
static void vforked(void)
{
	open_at(FD, "one");
	open_at(OTHER, "two");
	write_to(FD, 1);
	pid_t pid = vfork();
	if (pid == 0) {
		write_to(FD, 2);
		dup2(OTHER, FD);
		write_to(FD, 3);
		close(FD);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	write_to(FD, 4);
	say_total(getpid(), "one", 0, 5);
	say_total(pid, "one", 0, 2);
	say_total(pid, "two", 0, 3);
}

static pid_t fork_sharing_files(void)
{
	pid_t pid = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, NULL);

	if (pid < 0)
		die("clone");
	return pid;
}

/* A number is closed, and taken by another file, in one process, and used again in the other. */
static void shared_table(void)
{
	open_at(FD, "one");
	open_at(OTHER, "two");
	write_to(FD, 1);
	write_to(OTHER, 1);
	pid_t pid = fork_sharing_files();
	if (pid == 0) {
		write_to(FD, 2);
		close(FD);
		close(OTHER);
		open_at(FD, "three");
		write_to(FD, 3);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	write_to(FD, 4);
	say_total(getpid(), "one", 0, 1);
	say_total(getpid(), "two", 0, 1);
	say_total(getpid(), "three", 0, 4);
	say_total(pid, "one", 0, 2);
	say_total(pid, "three", 0, 3);
}

static pthread_barrier_t turn;

static void *use_own_table(void *unused)
{
	if (unshare(CLONE_FILES))
		die("unshare");
	open_at(FD, "two");
	for (int i = 0; i < 5; i++) {
		pthread_barrier_wait(&turn);
		write_to(FD, 1);
		pthread_barrier_wait(&turn);
	}
	return unused;
}

/* A thread with a table of its own: one number, two files, in turns. */
static void own_table_of_a_thread(void)
{
	open_at(FD, "one");
	pthread_barrier_init(&turn, NULL, 2);
	pthread_t thread = start(use_own_table, NULL);
	for (int i = 0; i < 5; i++) {
		write_to(FD, 1);
		pthread_barrier_wait(&turn);
		pthread_barrier_wait(&turn);
	}
	pthread_join(thread, NULL);
	say_total(getpid(), "one", 0, 5);
	say_total(getpid(), "two", 0, 5);
}

static const struct io_case cases[] = {
	{"eight_threads", eight_threads},
	{"passed", passed},
	{"vforked", vforked},
	{"shared_table", shared_table},
	{"own_table_of_a_thread", own_table_of_a_thread},
	{NULL, NULL},
};

int main(int argc, char *argv[])
{
	return run_case(cases, argc, argv);
}
