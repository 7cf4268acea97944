/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The columns of a run of samples, as they are filled by who writes. Raw, a section is
 *
 *   shapes; the length of each stream; for each shape but the odd one, for its new and then for its changed
 *   messages: how many there are, how many columns, for each column its word (counted from the one before),
 *   how many zeros are left out at its beginning, its bytes
 *
 * all as varints, then the bytes of the streams and of the columns, in the same order.
 */

#include "history/shape.h"

/* In this order in the file. */
enum stream {
	STREAM_OPS,   /* what comes next: see enum op */
	STREAM_SHAPE, /* of each new message, its number */
	STREAM_KEY,   /* and its key, as the difference to what the message has for it, or to the last one */
	STREAM_NETNS, /* its namespace, as the difference to the last one's */
	STREAM_ODD,   /* and what there is of an odd one: table, length, bytes */
	STREAM_FACTS, /* of each sample: how many end, their kinds and keys; how many are set, with their
			 values */
	N_STREAMS,
};

/* A number whose lowest three bits are one of these; N is the others. */
enum op {
	OP_SAME,  /* the next N messages of the last sample are as expected */
	OP_DIFF,  /* the next N are not: see the columns */
	OP_NEW,   /* N messages that were not in the last sample */
	OP_SKIP,  /* go on N messages later in the last sample */
	OP_BACK,  /* or earlier */
	OP_CLOCK, /* the clock goes on by N ms, zigzag */
	OP_END,   /* of the sample */
};
enum { OP_BITS = 3 };

struct column {
	struct text bytes; /* a varint a message, beginning with the first that is not 0 */
	size_t mark;       /* .bytes.len at the mark */
	uint32_t lead;     /* messages before that first one */
};

struct colset {
	uint32_t n, n_mark; /* messages; at the mark */
	uint32_t n_words;
	struct column *column; /* NULL: there are no messages */
};

struct section {
	struct text stream[N_STREAMS];
	size_t mark[N_STREAMS];
	struct colset fresh[SHAPES_MAX], diff[SHAPES_MAX];
	bool failed; /* there was no memory */
};

/* Empties it; the memory stays. */
void section_clear(struct section *s);
void section_done(struct section *s);

/* What is added from now on is what section_pieces() gives when asked for what is behind the mark. */
void section_mark(struct section *s);

/* Whether there was no memory for all of it. */
bool section_failed(const struct section *s);

/* Adds a message of shape number @shape and @n words to @set, as what @residual differs from 0. */
void colset_add(struct section *s, struct colset *set, const uint32_t *residual, uint32_t n);

/*
 * Gives the section, or what of it is behind its mark, piece by piece to @fn, from front to back, until that
 * does not return 0. @scratch is overwritten. Returns 0, -ENOMEM or what @fn returned.
 */
int section_pieces(const struct section *s, const struct shapes *shapes, bool from_mark, struct text *scratch,
		   int (*fn)(void *arg, const void *p, size_t n), void *arg);

/* How many bytes that would be, or a little more: columns are what grows. */
size_t section_size(const struct section *s);
