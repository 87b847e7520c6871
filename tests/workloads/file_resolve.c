/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Opens whose way to the file is not the name alone: openat2 with RESOLVE_ flags, magic links of /proc, O_PATH, file
 * handles.
 */
#include "file_calls.h"

#include <linux/openat2.h>

#ifndef RESOLVE_CACHED
#define RESOLVE_CACHED 0x20
#endif

static int dir;
static const char *here;

static void prepare(void)
{
	if (mkdir("dir", 0755) || mkdir("dir/sub", 0755) || symlink("inner", "dir/to_inner") ||
	    symlink("../plain", "dir/outwards") || symlink("/sub/deep", "dir/from_root"))
		die("prepare");
	write_file("plain", "text", 0644);
	write_file("dir/inner", "text", 0644);
	write_file("dir/sub/deep", "text", 0644);
}

static long open_told(struct file_call call)
{
	long fd;

	call.event = "open";
	if (!call.number) {
		call.number = SYS_openat2;
		call.dir = 1;
		call.path = 2;
	}
	fd = make_call(&call);
	if (fd >= 0)
		close((int)fd);
	return fd;
}

/* `at`: where the name leads lexically, below the current directory. */
static void resolve(const char *name, uint64_t flags, const char *at)
{
	struct open_how how = {.flags = O_RDONLY | O_CLOEXEC, .resolve = flags};
	char *place = NULL;

	if (at && asprintf(&place, "%s/%s", here, at) < 0)
		die("asprintf");
	open_told((struct file_call){"resolve", .arguments = {dir, LONG(name), LONG(&how), sizeof(how)}, .at = place,
				     .keys = "flags=O_RDONLY|O_CLOEXEC"});
	free(place);
}

static void open_resolving(void)
{
	resolve("inner", RESOLVE_BENEATH, NULL);
	resolve("sub/../to_inner", RESOLVE_BENEATH, NULL);
	resolve("../plain", RESOLVE_BENEATH, "plain");
	resolve("outwards", RESOLVE_BENEATH, NULL);
	resolve("/proc/version", RESOLVE_BENEATH, NULL);
	resolve("inner", RESOLVE_IN_ROOT, NULL);
	resolve("/inner", RESOLVE_IN_ROOT, NULL);
	resolve("../../inner", RESOLVE_IN_ROOT, NULL);
	resolve("from_root", RESOLVE_IN_ROOT, NULL);
	resolve("/absent", RESOLVE_IN_ROOT, "dir/absent");
	resolve("/sub/../../absent", RESOLVE_IN_ROOT, "dir/absent");
	resolve("../../absent", RESOLVE_IN_ROOT, "dir/absent");
	resolve("outwards", RESOLVE_IN_ROOT, NULL);
	resolve("to_inner", RESOLVE_NO_SYMLINKS, NULL);
	resolve("sub/deep", RESOLVE_NO_SYMLINKS, NULL);
	resolve("/proc/self/cwd/plain", RESOLVE_NO_MAGICLINKS, NULL);
	resolve("/proc/version", RESOLVE_NO_XDEV, NULL);
	resolve("inner", RESOLVE_CACHED, NULL);
	resolve("inner", RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH, NULL);
	resolve("inner", RESOLVE_BENEATH | RESOLVE_IN_ROOT, NULL);
}

static void open_with_odd_arguments(void)
{
	struct {
		struct open_how how;
		uint64_t more;
	} longer = {.how = {.flags = O_RDWR}};
	struct open_how wrong_mode = {.flags = O_RDONLY, .mode = 0600};
	struct open_how making = {.flags = O_RDWR | O_CREAT, .mode = 0600};

	open_told((struct file_call){"longer", .arguments = {dir, LONG("inner"), LONG(&longer), sizeof(longer)},
				     .keys = "flags=O_RDWR"});
	longer.more = 1;
	open_told((struct file_call){"newer", .arguments = {dir, LONG("inner"), LONG(&longer), sizeof(longer)},
				     .keys = "flags=O_RDWR"});
	open_told((struct file_call){"a mode for nothing",
				     .arguments = {dir, LONG("inner"), LONG(&wrong_mode), sizeof(wrong_mode)},
				     .keys = "flags=O_RDONLY"});
	open_told((struct file_call){"nothing", .arguments = {dir, LONG("inner"), LONG(BAD_POINTER), 24},
				     .keys = "unreadable=flags"});
	open_told((struct file_call){"neither", .arguments = {dir, LONG(BAD_POINTER), LONG(BAD_POINTER), 24},
				     .keys = "unreadable=flags"});
	open_told((struct file_call){"no name", .arguments = {dir, LONG(BAD_POINTER), LONG(&making), sizeof(making)},
				     .keys = "flags=O_RDWR|O_CREAT mode=0600"});
}

static void open_proc_fd(int fd, const char *below, int flags, const char *keys)
{
	char name[64];

	snprintf(name, sizeof(name), "/proc/self/fd/%d%s", fd, below);
	open_told((struct file_call){"magic", .number = SYS_openat, .dir = 1, .path = 2,
				     .arguments = {AT_FDCWD, LONG(name), flags}, .keys = keys});
}

static void open_through_descriptors(void)
{
	const int only_path = (int)make_call(&(struct file_call){
		"O_PATH", "open", SYS_openat, .dir = 1, .path = 2,
		.arguments = {dir, LONG("to_inner"), O_PATH | O_NOFOLLOW}, .keys = "flags=O_RDONLY|O_NOFOLLOW|O_PATH"});
	const int file = (int)make_call(&(struct file_call){"O_PATH", "open", SYS_openat, .dir = 1, .path = 2,
							    .arguments = {dir, LONG("inner"), O_PATH},
							    .keys = "flags=O_RDONLY|O_PATH"});

	open_proc_fd(file, "", O_RDWR, "flags=O_RDWR");
	open_proc_fd(file, "", O_RDONLY | O_NOFOLLOW, "flags=O_RDONLY|O_NOFOLLOW");
	open_proc_fd(file, "", O_PATH | O_NOFOLLOW, "flags=O_RDONLY|O_NOFOLLOW|O_PATH");
	open_proc_fd(file, "/x", O_RDONLY, "flags=O_RDONLY");
	open_proc_fd(dir, "", O_RDONLY, "flags=O_RDONLY");
	open_proc_fd(dir, "/sub/deep", O_RDONLY, "flags=O_RDONLY");
	open_proc_fd(dir, "/../plain", O_RDONLY, "flags=O_RDONLY");
	open_proc_fd(only_path, "", O_RDONLY, "flags=O_RDONLY");
	open_proc_fd(99, "", O_RDONLY, "flags=O_RDONLY");
	make_call(&(struct file_call){"chmod by O_PATH", "chmod", SYS_fchmod, .fd = 1, .arguments = {file, 0600},
				      .keys = "mode=0600"});
}

static void open_by_handle(void)
{
	static union {
		struct file_handle handle;
		char space[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} of;
	int mount_id;
	struct file_call call = {"handle", .number = SYS_open_by_handle_at, .arguments = {dir, LONG(&of), O_RDWR},
				 .keys = "flags=O_RDWR"};

	of.handle.handle_bytes = MAX_HANDLE_SZ;
	if (name_to_handle_at(dir, "sub/deep", &of.handle, &mount_id, 0) && errno != EOPNOTSUPP)
		die("name_to_handle_at");
	open_told(call);
	call.arguments[0] = 99;
	open_told(call);
	call.arguments[0] = dir;
	memset(of.handle.f_handle, 0x5a, of.handle.handle_bytes);
	open_told(call);
	call.arguments[1] = LONG(BAD_POINTER);
	open_told(call);
}

int main(void)
{
	in_child(prepare);
	here = current_directory();
	dir = (int)make_call(&(struct file_call){"directory", "open", SYS_open, .path = 1,
						 .arguments = {LONG("dir"), O_RDONLY}, .keys = "flags=O_RDONLY"});
	open_resolving();
	open_with_odd_arguments();
	open_through_descriptors();
	open_by_handle();
	return 0;
}
