/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Sums, extremes, averages and percentiles of the values of a column.
 */

#include "ops/group.h"

struct sum_kept;

/* What is known about the values so far; all zeros: none. */
struct sum {
	uint64_t n;
	double total, min, max;
	int64_t whole;         /* the total, unless .. */
	bool is_real;          /* .. one is no whole number, or they are too large */
	struct sum_kept *kept; /* of the values themselves, for those that need them; NULL: nothing */
};

void sum_done(struct sum *s);

/*
 * Takes in the value of @c, a cell of @column, when it is there and, but for AGGREGATE_DISTINCT and _ANY, a
 * number; of a list with a .part each one. Returns 0 or -ENOMEM.
 */
int sum_add(struct sum *s, const struct aggregate_column *a, const struct column *column,
	    const struct cell *c);

/* Takes in what @from knows. Returns 0 or -ENOMEM. */
int sum_merge(struct sum *s, const struct sum *from);

/* The aggregate into @ret, absent when there was no value; borrows of @s. Puts the values in order. */
void sum_cell(struct sum *s, const struct aggregate_column *a, const struct column *c, struct cell *ret);

/* Whether what sum_cell() tells of @s is no more than near: a percentile, or a number of different values, of
 * parts put together. */
bool sum_is_near(const struct sum *s, const struct aggregate_column *a);

/* The column that holds the aggregate @a of one of the @columns. */
struct column aggregate_column(const struct aggregate_column *a, const struct column *columns);

/* Whether it can be taken of what is no amount. */
bool aggregate_takes_names(enum aggregate what);

/* Whether that of two groups together is the sum of theirs; of none it is 0 then. */
bool aggregate_is_additive(const struct aggregate_column *a);

/* Reads "sum(FIELD)" and its like, "delta(sum(FIELD))" or "delta(count)": the aggregate and the field's name,
 * empty where it is of none. False when it is none. */
bool aggregate_parse(struct sv word, struct aggregate_column *ret, struct sv *ret_field);
