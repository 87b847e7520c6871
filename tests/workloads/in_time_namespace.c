/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * in_time_namespace SECONDS COMMAND [ARGUMENT...]: becomes COMMAND in a time namespace of its own, whose CLOCK_BOOTTIME
 * is so much ahead.
 */
#include "truth.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

int main(int argc, char *argv[])
{
	char offset[64];
	int file, namespace;

	if (argc < 3)
		return 2;
	if (unshare(CLONE_NEWTIME))
		die("unshare");
	file = open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC);
	snprintf(offset, sizeof(offset), "boottime %s 0", argv[1]);
	if (file < 0 || write(file, offset, strlen(offset)) < 0)
		die("timens_offsets");
	/* before 6.3 an exec alone did not enter it */
	namespace = open("/proc/self/ns/time_for_children", O_RDONLY | O_CLOEXEC);
	if (namespace < 0 || setns(namespace, CLONE_NEWTIME))
		die("setns");
	execv(argv[2], argv + 2);
	die(argv[2]);
}
