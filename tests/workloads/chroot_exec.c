/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * In a chroot there is no /proc that could tell: what the paths are outside is said before.
 */
#include "truth.h"

static void say_outside(const char *outside)
{
	struct truth line = truth_begin("outside");

	truth_string(&line, "root", outside);
	truth_end(&line);
}

int main(void)
{
	char *argv[] = {"print_self", "in a chroot", NULL};
	char *script[] = {"script", "in a chroot", NULL};
	char *outside;

	if (mkdir("jail", 0755) || mkdir("jail/inner", 0755))
		die("jail");
	copy_program(sibling("print_self"), "jail/prog", 0755);
	write_file("jail/inner/script.sh", "#!/prog\n", 0755);
	if (asprintf(&outside, "%s/jail", current_directory()) < 0)
		die("asprintf");
	say_outside(outside);
	if (chroot("jail") || chdir("/inner"))
		die("chroot");
	exec_in_child("program", "/prog", argv);
	exec_in_child("script", "script.sh", script);
	exec_in_child("missing", "/missing", argv);
	return 0;
}
