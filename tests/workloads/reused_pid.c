/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Runs a program under a process id of the caller's choice: reused_pid PID PROGRAM [ARG...].
 */
#include "truth.h"

#include "chosen_pid.h"

int main(int argc, char *argv[])
{
	if (argc < 3)
		return 2;
	pid_t wanted = atoi(argv[1]);
	pid_t pid = fork_as(wanted);

	if (pid == 0)
		call_exec("reused", argv[2], argv + 2);
	await_child(pid);
	return 0;
}
