/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * One child for each exit code.
 */
#include "truth.h"

int main(void)
{
	for (int code = 0; code < 256; code++) {
		pid_t pid = fork_or_die();

		if (pid == 0)
			_exit(code);
		await_child(pid);
	}
	return 0;
}
