/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * execve as a 32-bit program calls it (int 0x80), whose argv is an array of 32-bit pointers: once in
 * vain, then with success. The numbers and the layout are i386's.
 */
#include "compat.h"

enum { I386_EXECVE = 11, I386_EXECVEAT = 358 };

struct low_memory {
	char missing[32];
	char program[PATH_MAX];
	char arguments[3][32];
	uint32_t argv[4];
	uint32_t environment[1];
};

static long address_of(const void *pointer)
{
	return (long)(uintptr_t)pointer;
}

static struct low_memory *prepare(void)
{
	struct low_memory *memory = low(&(struct low_memory){.missing = "./missing_32"}, sizeof(*memory));

	strcpy(memory->program, sibling("print_self"));
	strcpy(memory->arguments[0], "print_self");
	strcpy(memory->arguments[1], "by int 0x80");
	for (int i = 0; i < 3; i++)
		memory->argv[i] = (uint32_t)address_of(memory->arguments[i]);
	return memory;
}

static void exec_32(void)
{
	struct low_memory *memory = prepare();
	char *argv[] = {memory->arguments[0], memory->arguments[1], memory->arguments[2], NULL};
	const long missing = address_of(memory->missing), arguments = address_of(memory->argv),
		   environment = address_of(memory->environment);
	long result = invoke_32(I386_EXECVE, (const long[6]){missing, arguments, environment});

	truth_failed("execve", (int)-result, memory->missing, argv);
	result = invoke_32(I386_EXECVEAT, (const long[6]){AT_FDCWD, missing, arguments, environment});
	truth_failed("execveat", (int)-result, memory->missing, argv);
	truth_call("success", memory->program, argv);
	invoke_32(I386_EXECVE, (const long[6]){address_of(memory->program), arguments, environment});
	_exit(98);
}

int main(void)
{
	pid_t pid;

	if (!has_compat()) {
		tell_unsupported(NO_COMPAT);
		return 0;
	}
	pid = fork_or_die();
	if (pid == 0)
		exec_32();
	await_child(pid);
	return 0;
}
