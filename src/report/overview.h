/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What stands out among the sockets: several lists of records from one look at
 * them (overview.def), and the memory of the protocols.
 */

#include "host/host.h"
#include "report/chain.h"

struct overview;

struct overview_opts {
	struct host *host;   /* whose protocols' memory it tells; borrowed */
	bool is_everywhere;  /* all network namespaces */
	struct notes *notes; /* borrowed: told what could not be read */
};

/*
 * Makes the overview of @sel, which writes to @to, borrowed. Returns 0 or a negative errno, with detail when
 * it is -EINVAL.
 */
int overview_new(const struct overview_opts *o, const struct selection *sel, struct tabular *to,
		 struct overview **ret, struct err *e);
struct overview *overview_free(struct overview *o);

DEFINE_CLEANUP(struct overview, overview_free)

/* Adds the fields that decide which sockets are in its lists, and where, to @keys. */
void overview_needs(const struct overview *o, struct fieldset *keys);

/* Where the rows go, as long as it lives: with each run all lists. */
struct sink *overview_sink(struct overview *o);

/* Ends the answer, once, and with it what the overview writes to. Returns 0 or a negative errno. */
int overview_end(struct overview *o, const struct notes *notes);
