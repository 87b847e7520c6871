/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * execveat: relative to a descriptor, of a descriptor, of a script, with each flag.
 */
#include "truth.h"

#define ARGUMENTS(...) ((char *[]){__VA_ARGS__, NULL})

struct form {
	const char *name;
	const char *directory; /* opened; NULL: AT_FDCWD, "": a descriptor that is not open */
	const char *filename;
	int flags;
	int keep_open; /* a script's interpreter opens /dev/fd/N, so the descriptor must survive */
};

static const struct form forms[] = {
	{"relative_to_directory", "bin", "prog", 0, 0},
	{"relative_up", "bin", "../bin/./prog", 0, 0},
	{"relative_to_cwd", NULL, "bin/prog", 0, 0},
	{"empty_path", "bin/prog", "", AT_EMPTY_PATH, 0},
	{"script", "bin", "script.sh", 0, 1},
	{"script_empty_path", "bin/script.sh", "", AT_EMPTY_PATH, 1},
	{"nofollow", "bin", "link", AT_SYMLINK_NOFOLLOW, 0},
	{"nofollow_regular", "bin", "prog", AT_SYMLINK_NOFOLLOW, 0},
	{"bad_descriptor", "", "prog", 0, 0},
	{"not_a_directory", "bin/prog", "prog", 0, 0},
	{"bad_flag", "bin", "prog", 0x40000, 0},
};

static int open_base(const struct form *form)
{
	int base;

	if (!form->directory)
		return AT_FDCWD;
	if (!*form->directory)
		return 77;
	base = open(form->directory, O_RDONLY | (form->keep_open ? 0 : O_CLOEXEC));
	if (base < 0)
		die(form->directory);
	return base;
}

static void exec_form(const struct form *form)
{
	char **argv = ARGUMENTS("prog", (char *)form->name, "last");
	pid_t pid = fork_or_die();

	if (pid == 0) {
		int base = open_base(form);

		truth_call(form->name, form->filename, argv);
		syscall(SYS_execveat, base, form->filename, argv, environ, form->flags);
		truth_failed(form->name, errno, form->filename, argv);
		_exit(97);
	}
	await_child(pid);
}

/* Executed by its descriptor after its name is gone. */
static void exec_removed(void)
{
	char **argv = ARGUMENTS("prog", "removed", "last");
	pid_t pid = fork_or_die();

	if (pid == 0) {
		copy_program(sibling("print_self"), "bin/removed", 0755);
		int program = open("bin/removed", O_RDONLY | O_CLOEXEC);
		if (program < 0 || unlink("bin/removed"))
			die("bin/removed");
		truth_call("removed", "", argv);
		syscall(SYS_execveat, program, "", argv, environ, AT_EMPTY_PATH);
		truth_failed("removed", errno, "", argv);
		_exit(97);
	}
	await_child(pid);
}

/* Since 6.14: asks whether the file could be executed, and executes nothing. */
static void check_only(void)
{
	char **argv = ARGUMENTS("prog", "check", "last");
	pid_t pid = fork_or_die();

	if (pid == 0) {
		if (syscall(SYS_execveat, AT_FDCWD, "bin/prog", argv, environ, AT_EXECVE_CHECK) == 0) {
			struct truth line = truth_begin("checked");
			truth_number(&line, "pid", getpid());
			truth_end(&line);
			_exit(96);
		}
		truth_failed("check", errno, "bin/prog", argv);
		_exit(97);
	}
	await_child(pid);
}

int main(void)
{
	char *text;

	if (mkdir("bin", 0755))
		die("mkdir");
	copy_program(sibling("print_self"), "bin/prog", 0755);
	if (asprintf(&text, "#!%s/bin/prog\n", current_directory()) < 0)
		die("asprintf");
	write_file("bin/script.sh", text, 0755);
	if (symlink("prog", "bin/link"))
		die("symlink");
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		exec_form(&forms[i]);
	exec_removed();
	check_only();
	return 0;
}
