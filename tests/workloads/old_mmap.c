/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The first mmap of 32-bit programs has its arguments in memory: here they lie in what it maps over, so that they are
 * gone when it returns; and once beside it.
 */
#include "compat.h"

#if defined(__x86_64__)
static long map_at(unsigned int *block, void *to, int fd)
{
	const long arguments[6] = {(long)(uintptr_t)block};

	block[0] = (unsigned int)(uintptr_t)to;
	block[1] = 4096;
	block[2] = PROT_READ | PROT_WRITE;
	block[3] = MAP_SHARED | MAP_FIXED;
	block[4] = (unsigned int)fd;
	block[5] = 0;
	return invoke_32(90, arguments);
}

int main(void)
{
	struct truth line;
	char *map =
		mmap((void *)0x20000000, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	int fd = open("mapped", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	char text[8] = {0};

	if (!has_compat()) {
		tell_unsupported(NO_COMPAT);
		return 0;
	}
	if (map == MAP_FAILED || fd < 0 || ftruncate(fd, 4096))
		die("prepare");
	if (map_at((unsigned int *)map, map, fd) != (long)(uintptr_t)map)
		die("mmap over its arguments");
	strcpy(map, "stored");
	if (pread(fd, text, sizeof(text), 0) != sizeof(text) || strcmp(text, "stored"))
		die("the mapping is not the file's");
	if (map_at((unsigned int *)(map + 4096), map, fd) != (long)(uintptr_t)map)
		die("mmap");
	line = truth_begin("mapped");
	truth_number(&line, "pid", getpid());
	truth_number(&line, "fd", fd);
	truth_end(&line);
	return 0;
}
#else
int main(void)
{
	tell_unsupported(NO_COMPAT);
	return 0;
}
#endif
