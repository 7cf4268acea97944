/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What stands out among the sockets: several lists of records from one look at
 * them (overview.def), and the memory of the protocols.
 */

#include "cli/tabulate.h"

struct overview;

/* Makes the overview of @sel on @out. Returns 0 or a negative errno, with detail when it is -EINVAL. */
int overview_new(const struct classic_cli *c, const struct selection *sel, struct out *out,
		 struct overview **ret, struct err *e);
struct overview *overview_free(struct overview *o);

/* Adds the fields that decide what is listed and in what order to @keys. */
void overview_needs(const struct overview *o, struct fieldset *keys);

/* Where the rows go, as long as it lives. */
struct sink *overview_sink(struct overview *o);

/*
 * Writes it, once, when all rows are in. Adds to @notes what is not known of the host. Returns 0 or a
 * negative errno.
 */
int overview_end(struct overview *o, struct notes *notes);

DEFINE_CLEANUP(struct overview, overview_free)
