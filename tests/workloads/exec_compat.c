/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * execve as a 32-bit program calls it (int 0x80), whose argv is an array of 32-bit pointers: once in
 * vain, then with success. The numbers and the layout are i386's.
 */
#include "truth.h"

#include <setjmp.h>
#include <stdint.h>
#include <sys/mman.h>

#if defined(__x86_64__)
enum { I386_EXECVE = 11, I386_EXECVEAT = 358 };

static sigjmp_buf refused;

static void on_refused(int number)
{
	siglongjmp(refused, number);
}

struct low_memory {
	char missing[32];
	char program[PATH_MAX];
	char arguments[3][32];
	uint32_t argv[4];
	uint32_t environment[1];
};

static uint32_t low(const void *pointer)
{
	return (uint32_t)(uintptr_t)pointer;
}

static long call_32(uint32_t number, uint32_t b, uint32_t c, uint32_t d, uint32_t s, uint32_t D)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(b), "c"(c), "d"(d), "S"(s), "D"(D)
			 : "memory", "r8", "r9", "r10", "r11");
	return (int32_t)result;
}

static struct low_memory *prepare(void)
{
	struct low_memory *memory =
		mmap(NULL, sizeof(*memory), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	if (memory == MAP_FAILED)
		die("mmap");
	strcpy(memory->missing, "./missing_32");
	strcpy(memory->program, sibling("print_self"));
	strcpy(memory->arguments[0], "print_self");
	strcpy(memory->arguments[1], "by int 0x80");
	strcpy(memory->arguments[2], "");
	for (int i = 0; i < 3; i++)
		memory->argv[i] = low(memory->arguments[i]);
	return memory;
}

static void exec_32(void)
{
	struct low_memory *memory = prepare();
	char *argv[] = {memory->arguments[0], memory->arguments[1], memory->arguments[2], NULL};
	long result = call_32(I386_EXECVE, low(memory->missing), low(memory->argv), low(memory->environment), 0, 0);

	truth_failed("execve", (int)-result, memory->missing, argv);
	result = call_32(I386_EXECVEAT, (uint32_t)AT_FDCWD, low(memory->missing), low(memory->argv),
			 low(memory->environment), 0);
	truth_failed("execveat", (int)-result, memory->missing, argv);
	truth_call("success", memory->program, argv);
	call_32(I386_EXECVE, low(memory->program), low(memory->argv), low(memory->environment), 0, 0);
	_exit(98);
}

int main(void)
{
	pid_t pid;

	/* A kernel without 32-bit system calls answers the instruction with a signal. */
	signal(SIGSEGV, on_refused);
	if (sigsetjmp(refused, 1) == 0) {
		call_32(20, 0, 0, 0, 0, 0);
		pid = fork_or_die();
		if (pid == 0)
			exec_32();
		await_child(pid);
		return 0;
	}
	struct truth line = truth_begin("unsupported");
	truth_end(&line);
	return 0;
}
#else
int main(void)
{
	struct truth line = truth_begin("unsupported");
	truth_end(&line);
	return 0;
}
#endif
