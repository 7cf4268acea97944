/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * From sockets to samples: groups of them, the largest each with its series and the others as one, and
 * histograms.
 */

#include "metrics/page.h"
#include "report/branch.h"

struct tally_opts {
	const char *by;     /* more keys: fields, no aggregates; NULL: none */
	bool is_everywhere; /* all network namespaces, and which one is a label */
	size_t cap;         /* series that lists share with the kernel's counters */
	struct sv ports;    /* "32768-60999": those that the kernel gives to connections; empty: not known */
};

struct tallies;

/* Returns 0 or -ENOMEM. @o is borrowed as is what it points to. */
int tallies_new(const struct tally_opts *o, struct tallies **ret);
struct tallies *tallies_free(struct tallies *t);

DEFINE_CLEANUP(struct tallies, tallies_free)

/*
 * Adds the lists to @b, which borrows @t, for sockets of @plan. Returns how many, or a negative errno:
 * -EINVAL with detail when .by makes no sense.
 */
int tallies_add(struct tallies *t, struct branch *b, const struct plan_opts *plan, struct err *e);

/* The samples of the next run go to @to, borrowed. */
void tallies_begin(struct tallies *t, struct page *to);

/* After the run: what lists have together, histograms, and states without sockets, of the @n network
 * namespaces called @names; NULL: they are not told apart. */
void tallies_end(struct tallies *t, const char *const *names, size_t n);

/* Of the last run: series that share one with others, and sockets that lack a key of .by. */
uint64_t tallies_folded(const struct tallies *t);
uint64_t tallies_unattributed(const struct tallies *t);
