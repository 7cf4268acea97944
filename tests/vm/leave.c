/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * leave N: ends the virtual machine through its debug exit port; qemu's own
 * status is then 2 * N + 1. Kernels for clouds have no /dev/port.
 */

#include <stdlib.h>
#include <sys/io.h>

enum { DEBUG_EXIT_PORT = 0xf4 };

int main(int argc, char **argv)
{
	if (argc != 2 || ioperm(DEBUG_EXIT_PORT, 4, 1) < 0)
		return 1;
	outl((unsigned int)strtoul(argv[1], NULL, 10), DEBUG_EXIT_PORT);
	return 1;
}
