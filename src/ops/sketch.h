/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Percentiles that can be put together: how often which value was there.
 *
 * Up to SKETCH_EXACT different values each is kept as it is. Beyond that, values that agree in sign, exponent
 * and the first SKETCH_BITS digits of the fraction are one: what is told of them is off by at most a part in
 * 2^(SKETCH_BITS + 1), less than 0.8 %. Which of the two it is, and what is in it, depends on the values
 * alone: the sketch of a whole is that of its parts put together in any order.
 */

#include "base/cleanup.h"
#include "base/text.h"

enum { SKETCH_EXACT = 128, SKETCH_BITS = 6 };

/* What is told of values that were too many, in hundredths of a percent of them. */
enum { SKETCH_ERROR = 80 };

struct sketch_bin {
	double value; /* of a coarse one, the one nearest to 0 that it stands for */
	uint64_t n;
};

/* All zeros: of no values. */
struct sketch {
	struct sketch_bin *v; /* ascending */
	size_t n, cap;
	bool is_coarse;
};

void sketch_done(struct sketch *s);

/* Makes @ret of the @n numbers at @v, which are ascending and finite. Returns 0 or -ENOMEM. */
int sketch_make(struct sketch *ret, const double *v, size_t n);

/* Takes in what @from has. Returns 0 or -ENOMEM. */
int sketch_merge(struct sketch *s, const struct sketch *from);

/* The value of number @rank, from 1, of all in ascending order; @s has so many. */
double sketch_at(const struct sketch *s, uint64_t rank);

/* Appends @s as "VALUE*N,...", behind a ~ when it is coarse. */
void sketch_put(const struct sketch *s, struct text *t);

/* Reads what sketch_put() writes, of @n values. Returns 0, -EBADMSG or -ENOMEM. */
int sketch_read(struct sv text, uint64_t n, struct sketch *ret);

/* Appends a number so that reading it gives the same: decimal when it is a whole one, else x and its bits. */
void sketch_put_number(struct text *t, double d);

/* Reads what sketch_put_number() writes; false when it is nothing of that, or no finite number. */
bool sketch_read_number(struct sv text, double *ret);
