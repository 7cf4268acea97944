/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Giving up what a page does not need, before anybody may connect: capabilities, and system calls that
 * change the machine, start programs, or connect somewhere.
 */

#include <stdbool.h>

#include "base/err.h"

struct confine_opts {
	bool enters_places; /* other network namespaces are asked */
	bool has_path;      /* a socket's path is to be taken away at the end */
};

/* For this process, and as long as it lives; it has one thread. Returns 0, or a negative errno with detail:
 * part of it may be given up. */
int confine(const struct confine_opts *o, struct err *e);
