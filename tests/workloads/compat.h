/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * System calls as a 32-bit program makes them (int 0x80), from this 64-bit one. What they point to must be in low
 * memory. The numbers are i386's.
 */
#ifndef COMPAT_H
#define COMPAT_H

#include "truth.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>

#if defined(__x86_64__)
/* Six arguments; the sixth is in the register that holds the frame. 128 bytes below the stack are the compiler's. */
static long invoke_32(long number, const long *a)
{
	uint32_t result;

	__asm__ volatile("sub $128, %%rsp\n\t"
			 "push %%rbp\n\t"
			 "mov %[sixth], %%ebp\n\t"
			 "int $0x80\n\t"
			 "pop %%rbp\n\t"
			 "add $128, %%rsp"
			 : "=a"(result)
			 : "a"((uint32_t)number), "b"((uint32_t)a[0]), "c"((uint32_t)a[1]), "d"((uint32_t)a[2]),
			   "S"((uint32_t)a[3]), "D"((uint32_t)a[4]), [sixth] "r"((uint32_t)a[5])
			 : "memory", "cc", "r8", "r9", "r10", "r11");
	return result >= (uint32_t)-4095 ? (int32_t)result : (long)result;
}

static sigjmp_buf refused;

static void on_refused(int number)
{
	siglongjmp(refused, number);
}

#define NO_COMPAT "the kernel has no 32-bit system calls"

/* It answers the instruction with a signal. */
static bool has_compat(void)
{
	static const long none[6];

	signal(SIGSEGV, on_refused);
	if (sigsetjmp(refused, 1))
		return false;
	return invoke_32(20, none) == getpid();
}
#else
#define NO_COMPAT "no processor but those of x86 has 32-bit system calls of 64-bit programs"

static bool has_compat(void)
{
	return false;
}

__attribute__((unused)) static long invoke_32(long number, const long *a)
{
	(void)number, (void)a;
	return -ENOSYS;
}
#endif

#ifndef MAP_32BIT
#define MAP_32BIT 0
#endif

/* A copy in low memory. */
__attribute__((unused)) static void *low(const void *bytes, size_t count)
{
	static char *memory;
	static size_t used;
	const size_t size = 1 << 16;
	void *copy;

	if (!memory)
		memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	if (memory == MAP_FAILED || used + count > size)
		die("low memory");
	copy = memcpy(memory + used, bytes, count);
	used += (count + 15) & ~(size_t)15;
	return copy;
}

__attribute__((unused)) static const char *low_string(const char *string)
{
	return low(string, strlen(string) + 1);
}

#endif
