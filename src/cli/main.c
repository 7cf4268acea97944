/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

#include <signal.h>

#include "cli/classic.h"

int main(int argc, char **argv)
{
	/* A reader that has seen enough is an answer to a write, not the end of the process. */
	(void)signal(SIGPIPE, SIG_IGN);
	return classic_main(argc, argv);
}
