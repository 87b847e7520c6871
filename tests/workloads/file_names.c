/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Names of any bytes, and names that fold to other ones.
 */
#include "file_calls.h"

static void make_told(const struct file_call *call)
{
	long result = make_call(call);

	if (result < 0)
		die(call->name);
	if (strcmp(call->event, "open") == 0)
		close((int)result);
}

static void use_name(const char *name)
{
	char attribute[128];
	const struct file_call in_vain = {
		"in vain", "open", SYS_open, .path = 1, .arguments = {LONG(name), O_RDONLY}, .keys = "flags=O_RDONLY"};
	const struct file_call calls[] = {
		{"make", "open", SYS_open, .path = 1, .arguments = {LONG(name), O_CREAT | O_RDWR, 0600},
		 .keys = "flags=O_RDWR|O_CREAT mode=0600"},
		{"rename", "rename", SYS_rename, .path = 1, .new_path = 2, .arguments = {LONG(name), LONG("x")}},
		{"link", "link", SYS_linkat, .dir = 1, .path = 2, .new_dir = 3, .new_path = 4,
		 .arguments = {AT_FDCWD, LONG("x"), AT_FDCWD, LONG(name), 0}},
		{"unlink", "unlink", SYS_unlink, .path = 1, .arguments = {LONG(name)}},
		{"mkdir", "mkdir", SYS_mkdir, .path = 1, .arguments = {LONG(name), 0700}, .keys = "mode=0700"},
		{"rmdir", "rmdir", SYS_unlinkat, .dir = 1, .path = 2,
		 .arguments = {AT_FDCWD, LONG(name), AT_REMOVEDIR}},
		{"symlink", "symlink", SYS_symlink, .path = 2, .arguments = {LONG(name), LONG("s")},
		 .text_key = "target", .text = name},
		{"unlink", "unlink", SYS_unlink, .path = 1, .arguments = {LONG("s")}},
	};
	const struct file_call attributed = {"xattr",
					     "xattr",
					     SYS_setxattr,
					     .path = 1,
					     .arguments = {LONG("x"), LONG(attribute), LONG("")},
					     .text_key = "name",
					     .text = attribute};

	snprintf(attribute, sizeof(attribute), "user.%s", name);
	make_call(&in_vain);
	for (size_t i = 0; i < LENGTH(calls); i++)
		make_told(&calls[i]);
	make_call(&attributed);
}

/* Neither a directory nor a file can be opened like this; the error says that the name led where it should. */
static void fold(const char *name, const char *at)
{
	char *here = current_directory(), *absolute = NULL;

	if (asprintf(&absolute, "%s/%s", here, name) < 0)
		die("asprintf");
	make_call(&(struct file_call){"fold", "open", SYS_open, .path = 1,
				      .arguments = {LONG(name), O_WRONLY | O_DIRECTORY}, .at = at,
				      .keys = "flags=O_WRONLY|O_DIRECTORY"});
	if (name[0] != '/' && at[0] != '/')
		make_call(&(struct file_call){"fold absolute", "open", SYS_open, .path = 1,
					      .arguments = {LONG(absolute), O_WRONLY | O_DIRECTORY}, .at = at,
					      .keys = "flags=O_WRONLY|O_DIRECTORY"});
	free(absolute);
	free(here);
}

static char *parent_of(const char *path)
{
	char *parent = strdup(path);

	*strrchr(parent, '/') = '\0';
	return parent;
}

static void fold_names(void)
{
	char *here = current_directory();

	fold(".", "");
	fold("./", "");
	fold("..", parent_of(here));
	fold("../.", parent_of(here));
	fold("d", "d");
	fold("./d", "d");
	fold("d/", "d");
	fold("d//", "d");
	fold(".//d/.", "d");
	fold("d/..", "");
	fold("d/../d/../d", "d");
	fold("d//e///f", "d/e/f");
	fold("d/./e/../e/f/..", "d/e");
	fold("d/e/../../absent", "absent");
	fold("...", "...");
	fold("..d", "..d");
	fold(".d/d.", ".d/d.");
	fold("d/.../", "d/...");
	fold("/", "/");
	fold("//", "/");
	fold("/..", "/");
	fold("/../../.", "/");
	fold("//etc//../proc/./", "/proc");
	fold("../../../../../../../../../../../../../../..", "/");
	fold("../../../../../../../../../../../../../../../nowhere at all", "/nowhere at all");
}

static void prepare(void)
{
	if (mkdir("d", 0755) || mkdir("d/e", 0755) || mkdir("d/e/f", 0755))
		die("prepare");
}

int main(void)
{
	static char longest[NAME_MAX + 1];
	static const char *const names[] = {
		"plain",    "with blank", "line\nbreak",  "\x1b[2J\x1b]0;title\a", "\x01\x7f\t\r",
		"\xff\xfe", "\xc3\xa9",	  "cut \xe2\x82", "\xe2\x80\xae turned",   "quote\"back\\slash'",
		"-n",	    "...",	  "* [?]",	  "it was (deleted)",	   "%s%n=;",
		longest};

	memset(longest, 'L', NAME_MAX);
	in_child(prepare);
	for (size_t i = 0; i < LENGTH(names); i++)
		use_name(names[i]);
	fold_names();
	return 0;
}
