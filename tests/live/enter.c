/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * enter PID HOW UID PROGRAM [ARG]...
 *
 * Runs a program in the network and mount namespaces of process PID, and the rest as into.h has it.
 *
 * nsenter, unshare and setpriv do the same, one after the other. The tests do it some
 * ten thousand times, and starting each of the three takes as long as what is tested.
 */

#include <err.h>
#include <unistd.h>

#include "into.h"

int main(int argc, char **argv)
{
	if (argc < 5)
		errx(125, "usage: enter PID HOW UID PROGRAM [ARG]...");
	enter_namespaces(argv[1], argv[2], argv[3]);
	(void)execvp(argv[4], argv + 4);
	err(127, "%s", argv[4]);
}
