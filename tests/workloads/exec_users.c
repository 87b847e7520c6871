/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Programs that are run by who logged in as somebody, and under a real user that is not the effective one.
 */
#include "truth.h"

static void read_loginuid(char *text, size_t size)
{
	int file = open("/proc/self/loginuid", O_RDONLY | O_CLOEXEC);
	ssize_t count = file < 0 ? 0 : read(file, text, size - 1);

	text[count > 0 ? count : 0] = '\0';
	close(file);
}

/* May fail: then the truth says what stayed. */
static void log_in(const char *user)
{
	int file = open("/proc/self/loginuid", O_WRONLY | O_CLOEXEC);

	if (file >= 0 && write(file, user, strlen(user)) < 0)
		fprintf(stderr, "cannot log in: %s\n", strerror(errno));
	close(file);
}

static void run(const char *login, uid_t real, const char *program)
{
	char *arguments[] = {(char *)program, NULL}, loginuid[32];
	pid_t child = fork_or_die();

	if (child == 0) {
		struct truth line = truth_begin("user");

		if (login)
			log_in(login);
		read_loginuid(loginuid, sizeof(loginuid));
		if (setresuid(real, 0, 0))
			die("setresuid");
		truth_number(&line, "pid", getpid());
		truth_number(&line, "ruid", getuid());
		truth_string(&line, "loginuid", loginuid);
		truth_end(&line);
		execv(program, arguments);
		_exit(0);
	}
	await_child(child);
}

int main(void)
{
	char *program = sibling("print_self");

	run(NULL, 0, program);
	run(NULL, 4321, program);
	run("4711", 0, program);
	run("4712", 4322, "/no/such/program");
	return 0;
}
