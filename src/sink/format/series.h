/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Values over time, for charts: what groups had in each sample, named by their keys. It outlives the output
 * that draws it, so that each sample's picture has those before.
 */

#include "base/cleanup.h"
#include "model/tabular.h"

enum {
	SERIES_POINTS = 4096, /* of each; with more, two neighbours become one */
	SERIES_MAX = 4096,    /* that are kept; of later ones it is counted that they were left out */
};

struct series {
	char *name; /* printable */
	double *v;  /* a point each; NAN: no value */
	double sum;
};

struct series_set {
	struct series *v; /* in the order in which they came up */
	size_t n, cap;
	uint64_t *at_us; /* of each point, in microseconds since 1970 */
	size_t n_points;
	uint64_t step;       /* samples that a point is of */
	uint64_t n_pending;  /* samples of the last point so far */
	size_t n_left_out;   /* series */
	double absent;       /* what a series has in a sample that it is not in: 0, or NAN */
	struct column value; /* what they are of; its name is the set's */
	char *value_name;
};

int series_new(struct series_set **ret);
struct series_set *series_free(struct series_set *s);

DEFINE_CLEANUP(struct series_set, series_free)

/* Begins a sample of values of @c at @at_us; @is_count: what is not in it is 0. Returns 0 or -ENOMEM. */
int series_begin(struct series_set *s, const struct column *c, uint64_t at_us, bool is_count);

/* The value that @name has in it; several are added up. Returns 0 or -ENOMEM. */
int series_put(struct series_set *s, struct sv name, double value);

/* Fills @ret with the @n series that are largest on the whole, largest first; returns how many there are. */
size_t series_largest(const struct series_set *s, const struct series **ret, size_t n);

/* The least and the largest value; false when there is none. */
bool series_range(const struct series_set *s, const struct series *of, double *ret_min, double *ret_max);

/* What a scale from 0 ends with that @max fits below: 1, 2 or 5 times a power of 10, of 1,024 for bytes. */
double series_ceiling(const struct series_set *s, double max);

/*
 * The mean of the values of @of from the part @i of @n of all the time to the next; of a part without points
 * that of the point before, when the next one is no later than expected. NAN where there is none.
 */
double series_mean(const struct series_set *s, const struct series *of, size_t i, size_t n);
