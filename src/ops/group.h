/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Counting records by what they have in some columns.
 *
 * The records handed on have the key columns, then "count", "share" (of all
 * records counted), then one column for each aggregate. A column of owners
 * counts a socket once for each different value. Address columns that are keys
 * take IPv4 addresses in IPv6 form as IPv4.
 */

#include "ops/order.h"

enum aggregate {
	AGGREGATE_COUNT,
	AGGREGATE_SUM,
	AGGREGATE_MIN,
	AGGREGATE_MAX,
	AGGREGATE_AVG,
	AGGREGATE_DISTINCT, /* how many different values there are */
	AGGREGATE_ANY,      /* one of them: the least */
	AGGREGATE_PERCENTILE
};

enum { GROUP_KEYS_MAX = 8, GROUP_AGGREGATES_MAX = 24, GROUP_OWN = 2 /* count, share */ };

/* An aggregate of the values of one column; absent values do not count. */
struct aggregate_column {
	const char *name; /* "p99(tcp.rtt)"; borrowed */
	bool is_delta; /* of it, by how much it changed since the sample before; AGGREGATE_COUNT is always */
	enum aggregate what;
	unsigned int percent; /* AGGREGATE_PERCENTILE: 1 to 100 */
	size_t column;        /* of the records that come; AGGREGATE_COUNT is of none */
};

struct group_opts {
	size_t n_keys; /* the first columns that come are the keys */
	struct aggregate_column aggregates[GROUP_AGGREGATES_MAX];
	size_t n_aggregates;
	struct sv sort;   /* as for order_parse(), by the columns handed on; empty: by count, then by key */
	struct sv having; /* as for having_new(), by the columns handed on: those that do not fit are counted
			     and not shown; NULL: all are shown */
	struct deltas *deltas; /* what the sample before had, borrowed; NULL: there is only one */
	uint64_t limit;        /* groups to hand on; one more record stands for the others. UINT64_MAX: all */
};

struct group;

/*
 * Sets @ret, which has room for .n_keys + GROUP_OWN + .n_aggregates, to the columns handed on for records
 * with
 * @columns. Returns how many there are.
 */
size_t group_columns(const struct group_opts *o, const struct column *columns, struct column *ret);

/*
 * Counts the records of lists with @columns; each list becomes one of @next, when it ends. All are borrowed.
 * Returns 0, -ENOMEM, or -EINVAL with detail: .sort or .having makes no sense, or an aggregate has no sample
 * to be compared with.
 */
int group_new(const struct group_opts *o, const struct column *columns, struct tabular *next,
	      struct group **ret, struct err *e);

/* The same object where records go. */
struct tabular *group_tabular(struct group *g);

/* Has each list show the group of @cells in the key columns, whose texts are borrowed, also without a record.
 * Returns 0 or -ENOMEM. */
int group_fix(struct group *g, const struct cell *cells);

/* Counts @n records at once that have @cells in the key columns; for a count that somebody else took. */
int group_count(struct group *g, const struct cell *cells, uint64_t n);
