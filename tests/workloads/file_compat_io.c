/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Reads and writes as a 32-bit program makes them: offsets in two halves, vectors of 32-bit pointers, 32-bit offsets in
 * memory.
 */
#include "compat.h"

#define WIDE(number) (long)(uint32_t)(number), (long)((uint64_t)(number) >> 32)

struct vector_32 {
	uint32_t base, length;
};

static int file, target;

static void tell(const char *name, const char *event, int fd, long result, int64_t offset)
{
	struct truth line = truth_begin("call");
	char link[64], path[PATH_MAX] = "";

	truth_string(&line, "case", name);
	truth_string(&line, "event", event);
	truth_number(&line, "pid", getpid());
	truth_number(&line, "tid", thread_id());
	truth_number(&line, "ppid", getppid());
	truth_number(&line, "uid", geteuid());
	truth_number(&line, "gid", getegid());
	truth_number(&line, "fd", fd);
	truth_string(&line, "compat", "true");
	if (result < 0)
		truth_string(&line, "error", strerrorname_np((int)-result));
	else
		truth_number(&line, "bytes", result);
	if (offset >= 0)
		truth_number(&line, "offset", offset);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (readlink(link, path, sizeof(path) - 1) > 0)
		truth_string(&line, "path", path);
	truth_end(&line);
}

#define CALL(number, ...) invoke_32(number, (const long[6]){__VA_ARGS__})

static void transfer_here(char *buffer, struct vector_32 *vector)
{
	const long at = (long)(uintptr_t)buffer, of = (long)(uintptr_t)vector;
	long result = CALL(4, file, at, 100);

	tell("write", "write", file, result, -1);
	lseek(file, 50, SEEK_SET);
	result = CALL(3, file, at, 40);
	tell("read", "read", file, result, -1);
	result = CALL(145, file, of, 2);
	tell("readv", "read", file, result, -1);
	result = CALL(146, file, of, 1);
	tell("writev", "write", file, result, -1);
	result = CALL(3, file, 8, 1);
	tell("read nowhere", "read", file, result, -1);
}

static void transfer_there(char *buffer, struct vector_32 *vector)
{
	static const int64_t offsets[] = {0, 10, 0x90000000, 5000000000};
	const long at = (long)(uintptr_t)buffer, of = (long)(uintptr_t)vector;

	for (size_t i = 0; i < sizeof(offsets) / sizeof(*offsets); i++) {
		const int64_t offset = offsets[i];
		long result = CALL(181, file, at, 30, WIDE(offset));

		tell("pwrite64", "write", file, result, offset);
		result = CALL(180, file, at, 20, WIDE(offset));
		tell("pread64", "read", file, result, offset);
		result = CALL(334, file, of, 2, WIDE(offset));
		tell("pwritev", "write", file, result, offset);
		result = CALL(333, file, of, 1, WIDE(offset));
		tell("preadv", "read", file, result, offset);
		result = CALL(379, file, of, 2, WIDE(offset), 0);
		tell("pwritev2", "write", file, result, offset);
		result = CALL(378, file, of, 1, WIDE(offset), 0);
		tell("preadv2", "read", file, result, offset);
	}
	lseek(file, 0, SEEK_SET);
	tell("preadv2 in place", "read", file, CALL(378, file, of, 1, WIDE(-1), 0), -1);
}

static void transfer_over(void)
{
	uint32_t *narrow = low(&(uint32_t){5}, 4);
	uint64_t *wide = low(&(uint64_t){0x90000000}, 8), *other = low(&(uint64_t){3}, 8);
	long result = CALL(187, target, file, (long)(uintptr_t)narrow, 10);

	tell("sendfile", "read", file, result, 5);
	tell("sendfile", "write", target, result, -1);
	result = CALL(239, target, file, (long)(uintptr_t)wide, 12);
	tell("sendfile64", "read", file, result, 0x90000000);
	tell("sendfile64", "write", target, result, -1);
	*wide = 4;
	result = CALL(377, file, (long)(uintptr_t)wide, target, (long)(uintptr_t)other, 16, 0);
	tell("copy_file_range", "read", file, result, 4);
	tell("copy_file_range", "write", target, result, 3);
}

int main(void)
{
	char *buffer;
	struct vector_32 *vector;

	if (!has_compat()) {
		tell_unsupported(NO_COMPAT);
		return 0;
	}
	file = open("file", O_RDWR | O_CREAT | O_EXCL, 0600);
	target = open("target", O_RDWR | O_CREAT | O_EXCL, 0600);
	if (file < 0 || target < 0)
		die("open");
	buffer = low((char[128]){1}, 128);
	vector = low((struct vector_32[]){{(uint32_t)(uintptr_t)buffer, 15}, {(uint32_t)(uintptr_t)buffer, 7}}, 16);
	transfer_here(buffer, vector);
	transfer_there(buffer, vector);
	transfer_over();
	return 0;
}
