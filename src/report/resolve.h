/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Names of hosts beside their addresses, for -r: the last thing before a format. Names are asked for while
 * records come, all at once, and records wait until they are there or the time for it is over.
 */

#include "base/notes.h"
#include "host/reverse.h"
#include "model/tabular.h"

struct resolve_opts {
	struct reverse *reverse; /* borrowed; NULL: nobody can be asked */
	struct notes *notes;     /* borrowed: told how many names are missing */
	int64_t within_us;       /* for all names of an answer, or of a sample of it */
};

/*
 * In each list of @next, which it takes over also when it fails, each host address has its name beside it: in
 * the column of local.name or peer.name, made where there is none. Returns 0 or -ENOMEM.
 */
int resolve_new(const struct resolve_opts *o, struct tabular *next, struct tabular **ret);
