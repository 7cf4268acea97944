/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The label sets of a page for Prometheus, each known by its hash. A page has only so many series, so there
 * are few of them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sv.h"

struct label_set {
	uint64_t hash, id; /* from 1 in the order in which they came up; 0: free */
	uint64_t n, run;   /* how often it was there in the run of lists .run */
	size_t point;      /* the reader's: of its sample in that run */
	size_t n_series;   /* the reader's: in the page */
};

struct label_sets {
	struct label_set *v;
	size_t n, cap;
};

/*
 * The set of @labels, once more there in run @run, counted from 1; valid until the next call. NULL when
 * memory ran out.
 */
struct label_set *label_set_see(struct label_sets *s, struct sv labels, uint64_t run);

/* Whether @labels were there before. */
bool label_set_is_known(const struct label_sets *s, struct sv labels);

void label_sets_done(struct label_sets *s);
