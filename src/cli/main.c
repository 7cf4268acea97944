/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include <fcntl.h>
#include <signal.h>

#include "cli/classic.h"

/*
 * A standard descriptor that is closed would be the number of the next file
 * opened, and output would go there. The stand-in is always there, and neither
 * read nor written.
 */
static void guard_descriptors(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)open("/", O_PATH);
}

int main(int argc, char **argv)
{
	/* A reader that has seen enough is an answer to a write, not the end of the process. */
	guard_descriptors();
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is told like a medium that is full */
	return classic_main(argc, argv);
}
