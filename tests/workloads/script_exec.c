/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Scripts: what was asked for, what runs, and what that received are three different things.
 */
#include "truth.h"

#define ARGUMENTS(...) ((char *[]){__VA_ARGS__, NULL})

static char *below_here(const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", current_directory(), name) < 0)
		die("asprintf");
	return path;
}

static void say_script(const char *name, const char *script)
{
	struct truth line = truth_begin("script");

	truth_string(&line, "case", name);
	truth_string(&line, "script", script);
	truth_end(&line);
}

static void write_script(const char *path, const char *interpreter, const char *argument)
{
	char *text;

	if (asprintf(&text, "#!%s%s%s\n", interpreter, *argument ? " " : "", argument) < 0)
		die("asprintf");
	write_file(path, text, 0755);
	free(text);
}

/* execvp gets ENOEXEC for the file itself and then tries the shell on it. */
static void exec_without_line(void)
{
	char *argv[] = {"./no_line.sh", "x", NULL};
	char *shell[] = {"/bin/sh", "./no_line.sh", "x", NULL};
	pid_t pid = fork_or_die();

	if (pid == 0) {
		truth_failed("no_line", ENOEXEC, "./no_line.sh", argv);
		truth_call("no_line", "/bin/sh", shell);
		execvp(argv[0], argv);
		_exit(98);
	}
	await_child(pid);
}

int main(void)
{
	/* The kernel reads 256 bytes of the first line: a copy here keeps the interpreter's path short. */
	char *interpreter = below_here("interp");

	copy_program(sibling("print_self"), interpreter, 0755);
	if (mkdir("real", 0755) || symlink("real", "link"))
		die("real, link");
	write_script("real/plain.sh", interpreter, "");
	write_script("with_argument.sh", interpreter, "one argument with blanks");
	write_script("inner.sh", interpreter, "inner argument");
	write_script("outer.sh", below_here("inner.sh"), "outer argument");
	write_script("shell.sh", "/bin/sh", "");
	write_file("no_line.sh", ": nothing\n", 0755);

	say_script("plain", below_here("real/plain.sh"));
	exec_in_child("plain", below_here("real/plain.sh"), ARGUMENTS("own name", "a", ""));
	say_script("relative", below_here("real/plain.sh"));
	exec_in_child("relative", "real/../real/plain.sh", ARGUMENTS("own name"));
	say_script("symlink_directory", below_here("real/plain.sh"));
	exec_in_child("symlink_directory", "link/plain.sh", ARGUMENTS("own name", "b"));
	say_script("with_argument", below_here("with_argument.sh"));
	exec_in_child("with_argument", "./with_argument.sh", ARGUMENTS("own name", "c d"));
	say_script("nested", below_here("outer.sh"));
	exec_in_child("nested", "./outer.sh", ARGUMENTS("own name", "e"));
	say_script("shell", below_here("shell.sh"));
	exec_in_child("shell", "./shell.sh", ARGUMENTS("own name", "f"));
	exec_without_line();
	return 0;
}
