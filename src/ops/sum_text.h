/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What aggregates know of values as words without blanks, from which the same can be made again elsewhere.
 *
 *	sum	-			of no value
 *		N:NUMBER		sum, avg: of N values the sum; min, max: the least, the greatest
 *		N:MIN:MAX:SKETCH	percentiles: ops/sketch.h
 *		N:HASH,HASH...		distinct: of the values, ascending; behind a ~ the 1,024 least of more
 *		N:CELL			any: ops/cell_text.h
 *	NUMBER	DIGITS, -DIGITS, or xHHHHHHHHHHHHHHHH, the bits of the IEEE double
 */

#include "base/text.h"
#include "ops/aggregate.h"

/* Appends what @s knows for @a of @column. Puts its values in order. Returns 0 or -ENOMEM. */
int sum_put(struct text *t, struct sum *s, const struct aggregate_column *a, const struct column *column);

/* Reads what sum_put() writes into @ret, to be ended with sum_done(). Returns 0, -EBADMSG when it is none of
 * @a, or -ENOMEM. */
int sum_read(struct sv word, const struct aggregate_column *a, const struct column *column, struct sum *ret);

/* Of how many values a sum may be: more is no count. */
#define SUM_COUNT_MAX (UINT64_C(1) << 48)
