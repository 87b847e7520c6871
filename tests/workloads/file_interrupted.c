/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * An open that waits for the other end of a FIFO and is interrupted by a signal: started again by the kernel, or
 * failed for the caller.
 */
#include "file_calls.h"

static volatile sig_atomic_t signals;

static void prepare(void)
{
	if (mkfifo("fifo", 0600))
		die("mkfifo");
}

static void on_signal(int number)
{
	(void)number;
	signals++;
}

static void handle_signal(int flags)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = flags};

	if (sigaction(SIGUSR1, &action, NULL))
		die("sigaction");
}

/* Until the caller sleeps in its open: its state is the third word of /proc/PID/stat. */
static void await_sleeper(pid_t pid)
{
	char path[64], text[512];
	const char *state;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	do {
		int stat = open(path, O_RDONLY | O_CLOEXEC);
		ssize_t length = read(stat, text, sizeof(text) - 1);

		close(stat);
		if (length <= 0)
			die(path);
		text[length] = '\0';
		state = strrchr(text, ')') + 2;
		sched_yield();
	} while (*state != 'S');
}

/* A child interrupts its parent, once or again and again, then opens the other end or not. */
static void interrupt_parent(int times, bool opens)
{
	pid_t parent = getpid();

	if (fork_or_die() != 0)
		return;
	for (int i = 0; i < times; i++) {
		await_sleeper(parent);
		kill(parent, SIGUSR1);
	}
	if (opens) {
		await_sleeper(parent);
		open("fifo", O_WRONLY);
	}
	_exit(0);
}

static void open_told(const char *name, int times, bool opens)
{
	interrupt_parent(times, opens);
	make_call(&(struct file_call){name, "open", SYS_openat, .dir = 1, .path = 2,
				      .arguments = {AT_FDCWD, LONG("fifo"), O_RDONLY}, .keys = "flags=O_RDONLY"});
	wait(NULL);
}

int main(void)
{
	in_child(prepare);
	handle_signal(SA_RESTART);
	open_told("restarted", 3, true);
	if (signals == 0)
		die("no signal came");
	handle_signal(0);
	open_told("interrupted", 1, false);
	open_told("undisturbed", 0, true);
	return 0;
}
