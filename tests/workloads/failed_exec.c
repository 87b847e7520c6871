/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Every way an exec fails, one after the other in one thread: the order of the reports is known.
 */
#include "truth.h"

/* volatile: the compiler must not see that it is bad, or it warns. */
static void *volatile bad_pointer = (void *)1;

static char *arguments[] = {"own name", "second argument", NULL};

static void fail(const char *name, const char *filename)
{
	execve(filename, arguments, environ);
	truth_failed(name, errno, filename, arguments);
}

/* execvp tries each directory in turn; each try is a call that fails. */
static void fail_search(void)
{
	char *here = current_directory();
	char *path;
	char tried[PATH_MAX];

	if (asprintf(&path, "%s/d1:%s/d2:%s/d3", here, here, here) < 0 || setenv("PATH", path, 1))
		die("PATH");
	execvp("nowhere", arguments);
	for (int i = 1; i <= 3; i++) {
		snprintf(tried, sizeof(tried), "%s/d%d/nowhere", here, i);
		truth_failed("search", ENOENT, tried, arguments);
	}
}

static void fail_too_big(void)
{
	static char big[200 * 1024];
	char *argv[] = {"own name", big, NULL};

	/* One argument may have 32 pages. */
	memset(big, 'x', sizeof(big) - 1);
	execve("./good", argv, environ);
	truth_failed("too_big", errno, "./good", argv);
}

static void fail_bad_pointers(void)
{
	char *argv[] = {"own name", bad_pointer, NULL};

	execve(bad_pointer, arguments, environ);
	truth_failed("bad_filename", errno, NULL, arguments);
	execve("./good", bad_pointer, environ);
	truth_failed("bad_argv", errno, "./good", NULL);
	execve("./good", argv, environ);
	truth_failed("bad_argument", errno, "./good", NULL);
	execve("./good", arguments, bad_pointer);
	truth_failed("bad_environment", errno, "./good", arguments);
}

static void fail_long_name(void)
{
	static char name[5001];

	memset(name, 'n', sizeof(name) - 1);
	fail("long_name", name);
}

/* Some kernels (6.11, 6.12) let a file be executed that is open for writing: the child then runs. */
static void exec_busy(void)
{
	int writer = open("busy", O_WRONLY | O_CLOEXEC);
	pid_t pid;

	if (writer < 0)
		die("busy");
	pid = fork_or_die();
	if (pid == 0)
		call_exec("busy", "./busy", arguments);
	await_child(pid);
	close(writer);
}

int main(void)
{
	if (mkdir("d1", 0755) || mkdir("d2", 0755) || mkdir("d3", 0755))
		die("mkdir");
	copy_program(sibling("print_self"), "good", 0755);
	copy_program(sibling("print_self"), "busy", 0755);
	write_file("not_executable", "x", 0644);
	write_file("garbage", "neither a script nor a binary\n", 0755);
	write_file("no_interpreter.sh", "#!/nonexistent/interpreter\n", 0755);
	if (symlink("loop_b", "loop_a") || symlink("loop_a", "loop_b"))
		die("symlink");

	fail("missing", "./missing");
	fail("missing_absolute", "/nonexistent/directory/program");
	fail("empty", "");
	fail_search();
	fail("not_executable", "./not_executable");
	fail("directory", "d1");
	fail("garbage", "./garbage");
	fail("no_interpreter", "./no_interpreter.sh");
	fail("below_a_file", "./good/x");
	fail("loop", "loop_a");
	fail_too_big();
	fail_bad_pointers();
	fail_long_name();
	exec_busy();
	return 0;
}
