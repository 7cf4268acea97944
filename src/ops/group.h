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

struct sum;

/* A group as it is known before anything is made of it. */
struct group_part {
	const struct cell *cells; /* by the columns that would be handed on */
	uint64_t count;
	struct sum *sums; /* one for each aggregate */
};

struct group_opts;

struct group_taken {
	const struct group_opts *o;
	const struct column *columns; /* of the records that came */
	const struct group_part *v;   /* in order */
	size_t n;
	uint64_t total; /* records counted */
};

/* Takes all groups of a list in place of records. All is borrowed for the call. Returns 0 or a negative
 * errno. */
typedef int group_take(void *ctx, const struct group_taken *t);

struct group_opts {
	size_t n_keys; /* the first columns that come are the keys */
	struct aggregate_column aggregates[GROUP_AGGREGATES_MAX];
	size_t n_aggregates;
	struct sv sort;   /* as for order_parse(), by the columns handed on; empty: by count, then by key */
	struct sv having; /* as for having_new(), by the columns handed on: those that do not fit are counted
			     and not shown; NULL: all are shown */
	struct deltas *deltas; /* what the sample before had, borrowed; NULL: there is only one */
	group_take *take; /* gets the groups with .take_ctx, and records are not handed on; NULL: they are */
	void *take_ctx;
	uint64_t seed;  /* of hashes, where somebody else chose the keys */
	uint64_t limit; /* groups to hand on; one more record stands for the others. UINT64_MAX: all */
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

struct group_entry; /* valid until the list ends */

/* The group of @cells in the key columns, made when there is none yet; NULL when memory ran out. */
struct group_entry *group_find(struct group *g, const struct cell *cells);

/*
 * Adds to @e, NULL: to what stands for groups left out, what another had of it: @n records, and for each
 * aggregate what is known of theirs; NULL: nothing. Returns 0 or -ENOMEM.
 */
int group_merge(struct group *g, struct group_entry *e, uint64_t n, const struct sum *sums);

/* Takes @n records more for counted, of whatever group. */
void group_merge_total(struct group *g, uint64_t n);

/* What the column @column, of those handed on, has of @e; NULL: of what stands for groups left out. */
struct cell group_value(struct group *g, struct group_entry *e, size_t column);

/* Whether aggregate @i of any group is no more than near (sum_is_near()). */
bool group_has_near(const struct group *g, size_t i);
