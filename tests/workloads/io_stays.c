/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Has a file open from the start, and with each go writes and reads through it, then says so, and by a mkdir as well.
 * Ends with its input. With "executes" it becomes another program, of another name, at the third go.
 */
#include "truth.h"

#include <stdbool.h>

enum { FD = 30 };

static bool await_next(void)
{
	char byte = 0;

	while (byte != '\n') {
		ssize_t count = read(STDIN_FILENO, &byte, 1);
		if (count == 0)
			return false;
		if (count < 0 && errno != EINTR)
			die("read go");
	}
	return true;
}

static void do_round(int number)
{
	char bytes[10] = "0123456789", name[16];

	for (int i = 0; i < 3; i++) {
		if (write(FD, bytes, sizeof(bytes)) != sizeof(bytes))
			die("write");
	}
	if (pread(FD, bytes, 4, 0) != 4)
		die("pread");
	snprintf(name, sizeof(name), "round.%d", number);
	if (mkdir(name, 0700))
		die(name);
	struct truth line = truth_begin("round");
	truth_number(&line, "number", number);
	truth_number(&line, "pid", getpid());
	truth_end(&line);
}

static void become_another(int number)
{
	char text[16];
	char *argv[] = {"another", text, NULL};

	snprintf(text, sizeof(text), "%d", number);
	if (symlink(sibling("io_stays"), "another"))
		die("symlink");
	execv("./another", argv);
	die("exec");
}

int main(int argc, char *argv[])
{
	bool is_another = argc == 2 && !strcmp(argv[0], "another"), executes = argc == 2 && !is_another;
	int number = is_another ? atoi(argv[1]) : 0, opened;

	if (!is_another) {
		opened = open("stays", O_RDWR | O_CREAT, 0600);
		if (opened < 0 || dup2(opened, FD) != FD || close(opened))
			die("stays");
		struct truth line = truth_begin("ready");
		truth_number(&line, "pid", getpid());
		truth_end(&line);
	}
	while (is_another || await_next()) {
		if (executes && number == 2)
			become_another(number);
		is_another = false;
		do_round(number++);
	}
	return 0;
}
