/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What stands out among the sockets: several lists of records from one look at
 * them (overview.def), and the memory of the protocols.
 */

#include "cli/tabulate.h"

struct overview;

/* Makes the overview of @sel, and of @h, on @out; all are borrowed. Returns 0 or a negative errno, with
 * detail when it is -EINVAL. */
int overview_new(const struct request *q, struct host *h, const struct selection *sel, struct out *out,
		 struct overview **ret, struct err *e);
struct overview *overview_free(struct overview *o);

/* Where the rows go, as long as it lives. */
struct sink *overview_sink(struct overview *o);

/* Writes it, once, when all rows are in. Returns 0 or a negative errno. */
int overview_end(struct overview *o, const struct notes *notes);

DEFINE_CLEANUP(struct overview, overview_free)
