/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What an aggregate keeps of values: inner to ops/aggregate.h and ops/sum_text.h.
 */

#include "base/hash.h"
#include "ops/aggregate.h"
#include "ops/sketch.h"

/* Of different values so many are kept by which those that are more are estimated. */
enum { DISTINCT_KEPT = 1024 };

struct sum_kept {
	double *v; /* all values, for percentiles */
	size_t n, cap;
	struct sketch sketch; /* in place of them where they came from elsewhere */
	struct hash seen;     /* different ones, by their hashes */
	bool is_sketched;     /* .sketch and .seen are of parts put together */
	bool is_cut;          /* .seen lacks some of theirs: it had more than DISTINCT_KEPT */
	struct cell least;
	char *bytes; /* of .least, where it is a text */
};

/* What is kept of @s, made when it is not there yet; NULL when memory ran out. */
struct sum_kept *sum_need_kept(struct sum *s);

/* A hash of 64 bits among those of different values. Returns 0 or -ENOMEM. */
int sum_keep_hash(struct sum *s, uint64_t hash);

/* @v is one of the values of AGGREGATE_ANY; copied. Returns 0 or -ENOMEM. */
int sum_keep_least(struct sum *s, const struct val *v);

/* Puts the values in order. */
void sum_sort(struct sum_kept *k);

/* The DISTINCT_KEPT least hashes of @seen, or all when there are no more, ascending into @ret, which has room
 * for them. Returns how many; -ENOMEM. */
int sum_least_hashes(const struct hash *seen, uint64_t *ret);
