/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What is remembered of each socket, or group of them, from sample to sample: since when it is there, where
 * it stood, its recent average, and how busy it was. A recent average and a little reluctance (.settled) are
 * what keeps rows from swapping.
 */

#include "base/hash.h"

enum { KNOWN_HISTORY = 64 }; /* samples */

struct known {
	uint64_t id;
	double average; /* of what rows are ordered by; NAN: it has none */
	double settled; /* the average when it last differed by so much that it counts */
	int64_t first_us, gone_us;
	uint32_t n; /* samples that it was in */
	uint32_t seen;
	uint32_t index; /* in the last of them */
	uint32_t place; /* where it stood; UINT32_MAX: nowhere */
	bool is_new;    /* it was not there when others were first seen */
	/* How busy it was, a step a byte, and how many bytes were written: read while the next one is. NULL:
	 * it was never busy. */
	uint8_t *history;
	uint32_t n_history;
	struct known *next; /* free */
};

struct knowns {
	struct hash now, before;
	struct known **gone; /* in the last sample they were not there */
	size_t n_gone, cap_gone;
	struct known *unused; /* never freed before the end: a screen may still show one */
	struct known_block *blocks;
	uint32_t turn;
	int64_t now_us;
	bool is_first;
};

void knowns_done(struct knowns *k);

/* Begins a sample. @is_first: what is not known in it is not new, and what is not in it is not gone. */
void knowns_begin(struct knowns *k, int64_t now_us, bool is_first);

struct noted {
	uint64_t id;
	uint32_t index;
	double value;    /* by which rows are ordered; NAN: none */
	double activity; /* NAN: not known */
};

/* Notes one of the sample. Returns it, NULL when memory ran out; one that was noted before as it is. */
struct known *knowns_note(struct knowns *k, const struct noted *n);

/* Ends the sample: who was in the one before and not in this is in .gone, valid until the next begins.
 * Returns 0 or -ENOMEM. */
int knowns_end(struct knowns *k);

/* Nobody needs @known, which is gone, any more. */
void knowns_forget(struct knowns *k, struct known *known);

/* The averages are of something else now. */
void knowns_reorder(struct knowns *k);

/* Where @activity, at least 0, is on a scale on which a doubling is 8 steps. */
unsigned int known_step(double activity);

/* How busy it was @ago samples before the last, in units of a second; NAN: not known. */
double known_history(const struct known *k, size_t ago);
