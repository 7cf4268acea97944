/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What is different between two lists of the same columns, the first of which is what was there before: a
 * record for each difference.
 *
 * A record is known again by its cookie, as long as both lists are of one start of one machine. One that
 * waits at a place, such as a listener, is known by that place whatever its cookie is; and so is everything
 * where cookies do not compare. Several may be at one place: those with the same cookie belong together, then
 * those with the same processes, then as they come.
 *
 * The records handed on have a column "change", then the columns that came, then for each that is compared
 * what it was ("old.NAME"), then by how much amounts have grown ("delta.NAME"). People are shown in place of
 * those one column "was". They are in the order of their places, or in the one that is asked for.
 */

#include "base/err.h"
#include "model/tabular.h"

enum diff_change { DIFF_SAME, DIFF_CLOSED, DIFF_OPENED, DIFF_REPLACED, DIFF_CHANGED };

#define DIFF_NO_COLUMN SIZE_MAX

/* The two sides, and what came of them. */
struct diff_sides {
	bool is_one_boot;          /* both are of one start of one machine: cookies and PIDs mean the same */
	bool is_off;               /* they do not compare, and nothing is handed on .. */
	const struct notes *notes; /* .. nor is it when these tell of an error before the second list ends;
				      borrowed */
	uint64_t n_found;
	uint64_t n_unknown;  /* listeners of which nothing tells whether another process has them */
	uint64_t n_left_out; /* that have neither a place nor, across boots, anything else to be known by */
};

struct diff_opts {
	struct diff_sides *sides;     /* borrowed */
	const struct column *columns; /* that come, borrowed */
	size_t n, n_shown;            /* all of them, and the first, which are handed on */
	const bool *is_compared;      /* by column of those shown; borrowed for the call */
	size_t first_id, n_ids;       /* the columns that tell a place, in their order .. */
	size_t n_scope;               /* .. of which the first are not enough to be one */
	size_t cookie, state;         /* columns, or DIFF_NO_COLUMN: without a state all are at a place */
	size_t owners;                /* the column of process.start, or DIFF_NO_COLUMN */
	size_t lister; /* the column of netlink.protocol, or DIFF_NO_COLUMN: sockets of who asks are no change
			*/
	struct sv sort; /* as for order_parse(), by all columns that there are then; or empty */
	uint64_t limit; /* UINT64_MAX: all are handed on */
	bool is_for_people;
};

/*
 * Makes what takes both lists, and then hands one on to @next, which is borrowed. Returns 0, -ENOMEM, or
 * -EINVAL with detail when .sort makes no sense.
 */
int diff_new(const struct diff_opts *o, struct tabular *next, struct tabular **ret, struct err *e);
