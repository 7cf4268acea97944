/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Command lines and what they come to: tests/lines/NAME.t. A line there is
 *
 *	COMMAND => STATUS TEXT
 *
 * COMMAND is what follows the program's name, in words as a shell takes them apart, with quotation marks.
 *With status 0 TEXT is part of what is printed, else of what is said on standard error, and nothing is
 *printed.
 */

#include "host/host.h"

/* Runs each line of the file @path on @h, and tells those that do not hold. Returns how many. */
unsigned int lines_run(struct host *h, const char *path);
