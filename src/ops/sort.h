/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * All records in order, or the first of them.
 */

#include "ops/order.h"

struct sort_opts {
	struct order order; /* none: as they come, and nothing is held back */
	bool is_held;   /* nothing goes on before its list ends, even so: others write to the same output */
	size_t n_shown; /* how many of the columns are handed on; the others are only to sort by */
	uint64_t limit; /* how many records are handed on; UINT64_MAX: all */
	/*
	 * With an order and a small .limit: of records that have the same number in the column .unique only
	 * the first is handed on. All are kept then.
	 */
	bool is_unique;
	size_t unique;
};

/*
 * Records that are equal stay in the order in which they came. With a limit no
 * more than a small multiple of it is kept. Each list becomes one of @next, which
 * is borrowed; with an order that begins only when the list ends. Returns 0 or -ENOMEM.
 */
int sort_new(const struct sort_opts *o, struct tabular *next, struct tabular **ret);
