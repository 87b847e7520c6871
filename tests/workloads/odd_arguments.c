/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Argument lists at the edges: none, empty ones, very many, and around what a trace can hold.
 */
#include "truth.h"

static char **new_list(size_t count)
{
	char **list = calloc(count + 1, sizeof(*list));

	if (!list)
		die("calloc");
	return list;
}

/* A list of `total` bytes with its zero bytes, in arguments of `each` bytes; the last one is what is left. */
static char **list_of_bytes(size_t total, size_t each)
{
	char **list = new_list(total / each + 1);
	size_t count = 0;

	while (total > 0) {
		size_t size = total < each ? total : each;

		list[count] = malloc(size);
		if (!list[count])
			die("malloc");
		memset(list[count], 'a' + (int)(count % 26), size - 1);
		list[count++][size - 1] = '\0';
		total -= size;
	}
	return list;
}

static char **many_arguments(size_t count)
{
	static char pool[100][3];
	char **list = new_list(count);

	for (int i = 0; i < 100; i++)
		snprintf(pool[i], sizeof(pool[i]), "%02d", i);
	for (size_t i = 0; i < count; i++)
		list[i] = pool[i % 100];
	return list;
}

static void fail_with(const char *name, char **argv)
{
	execve("./missing", argv, environ);
	truth_failed(name, errno, "./missing", argv);
}

int main(void)
{
	char *program = sibling("print_self");
	char *none[] = {NULL};
	char *empties[] = {"print_self", "", "middle", "", "", NULL};
	char *only_empty[] = {"", NULL};

	exec_in_child("none", program, none);
	exec_in_child("empties", program, empties);
	exec_in_child("only_empty", program, only_empty);
	exec_in_child("many", program, many_arguments(10000));
	exec_in_child("one_long", program, list_of_bytes(30 * 1024, 30 * 1024));
	exec_in_child("30k", program, list_of_bytes(30 * 1024, 301));
	exec_in_child("32k", program, list_of_bytes(32 * 1024, 512));
	exec_in_child("over_32k", program, list_of_bytes(33 * 1024, 512));
	exec_in_child("100k_one", program, list_of_bytes(100 * 1024, 100 * 1024));
	exec_in_child("1m", program, list_of_bytes(1024 * 1024, 523));

	fail_with("failed_none", none);
	fail_with("failed_empties", empties);
	fail_with("failed_1024", many_arguments(1024));
	fail_with("failed_many", many_arguments(10000));
	fail_with("failed_30k", list_of_bytes(30 * 1024, 301));
	fail_with("failed_32k", list_of_bytes(32 * 1024, 512));
	fail_with("failed_32k_and", list_of_bytes(32 * 1024 + 1, 512));
	fail_with("failed_over_32k", list_of_bytes(33 * 1024, 512));
	fail_with("failed_1m", list_of_bytes(1024 * 1024, 523));
	return 0;
}
