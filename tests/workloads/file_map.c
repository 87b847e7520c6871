/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Mappings: shared and writable ones of files are told, and no others.
 */
#include "file_calls.h"

#include <sys/mman.h>

enum { PAGE = 4096 };

static void prepare(void)
{
	static char page[2 * PAGE];
	int file = open("plain", O_WRONLY | O_CREAT | O_EXCL, 0644);

	if (file < 0 || write(file, page, sizeof(page)) != sizeof(page))
		die("prepare");
}

static int open_told(const char *path, int flags, const char *keys)
{
	return (int)make_call(&(struct file_call){"file", "open", SYS_open, .path = 1, .arguments = {LONG(path), flags},
						  .keys = keys});
}

static void map_told(const char *name, int file, size_t length, int protection, int flags, off_t offset)
{
	char keys[32];
	struct file_call call = {
		name,	     "mmap", SYS_mmap, .fd = 5, .arguments = {0, (long)length, protection, flags, file, offset},
		.keys = keys};

	snprintf(keys, sizeof(keys), "length=%zu", length);
	if (make_call(&call) < 0)
		die(name);
}

/* Not told, whether it works or not. */
static void map_quietly(int file, size_t length, int protection, int flags, bool works)
{
	void *memory = mmap(NULL, length, protection, flags, file, 0);

	if ((memory != MAP_FAILED) != works)
		die("a mapping that is not told");
	if (works && munmap(memory, length))
		die("munmap");
}

int main(void)
{
	int both, reading, memory, null;

	in_child(prepare);
	both = open_told("plain", O_RDWR, "flags=O_RDWR");
	reading = open_told("plain", O_RDONLY, "flags=O_RDONLY");
	null = open_told("/dev/zero", O_RDWR, "flags=O_RDWR");
	memory = memfd_create("mapped", 0);
	if (memory < 0 || syscall(SYS_write, memory, "x", 1) != 1)
		die("memfd");

	map_told("shared", both, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
	map_quietly(both, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, true);
	map_quietly(both, PAGE, PROT_READ, MAP_SHARED, true);
	map_quietly(both, PAGE, PROT_NONE, MAP_SHARED, true);
	map_quietly(reading, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, true);
	map_quietly(reading, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, true);
	map_quietly(reading, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, false);
	map_quietly(99, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, false);
	map_quietly(both, 0, PROT_READ | PROT_WRITE, MAP_SHARED, false);
	map_quietly(-1, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, true);
	map_quietly(-1, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, true);
	map_quietly(both, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, true);
	map_told("only written", both, 2 * PAGE, PROT_WRITE, MAP_SHARED, 0);
	map_told("validated", both, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED_VALIDATE | MAP_POPULATE, PAGE);
	map_told("odd length", both, 5000, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, 0);
	map_told("memory file", memory, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
	map_told("a device", null, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
	return 0;
}
