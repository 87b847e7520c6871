/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Waits for the go, then becomes the given program: makes a tracer's target of any workload.
 */
#include "truth.h"

int main(int argc, char *argv[])
{
	if (argc < 2)
		return 2;
	await_go();
	execv(argv[1], argv + 1);
	die(argv[1]);
}
