/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Sections to samples, from the first of a block to its last. What is read may be hostile: nothing outside it
 * is touched, and what it makes of memory has a bound.
 *
 * A message that is as expected costs nothing until it is looked at: its sequence number and its ages are
 * brought to date then.
 */

#include "history/fact_table.h"
#include "history/section.h"
#include "history/store.h"

enum { RAW_MAX = 256 << 20 }; /* bytes of a section, unpacked */

struct state {
	uint64_t key;
	uint32_t table, netns, len, shape;
	uint32_t clock; /* of .word */
	uint32_t word[];
};

/* From which message of a sample on the others are read by. */
struct stretch {
	size_t from;
	uint32_t seq, pid, clock;
};

struct read_column {
	struct cursor bytes;
	size_t len; /* of them, while they are not reached */
	uint32_t word, lead;
};

struct read_set {
	uint32_t left; /* messages */
	size_t n;
	struct read_column *column;
};

struct decoder {
	struct cursor stream[N_STREAMS];
	struct read_set fresh[SHAPES_MAX], diff[SHAPES_MAX];
	struct shapes shapes;
	struct state **last, **now; /* the sample before, this sample */
	size_t n_last, n_now, cap_last, cap_now;
	uint8_t *is_used; /* by index in .last */
	size_t cap_used;
	struct stretch *stretch;
	size_t n_stretches, cap_stretches, hint;
	uint32_t clock; /* when the last message was read */
	const struct state *newest[SHAPES_MAX];
	struct chunk *chunk; /* what the states are in */
	size_t bytes;        /* of all of them */
	struct fact_table facts;
};

/* Forgets the block. */
void decoder_reset(struct decoder *d);
void decoder_done(struct decoder *d);

/* What follows is in the @len bytes at @raw, which stay where they are. Returns 0, -EBADMSG or -ENOMEM. */
int decoder_section(struct decoder *d, const void *raw, size_t len);

/* The next sample of the section. Returns 0, -EBADMSG or -ENOMEM. */
int decoder_step(struct decoder *d);

/* Message @i of the sample, in which what grows with time and the numbers of the header may be those of one
 * before. */
void decoder_look(const struct decoder *d, size_t i, struct store_message *ret);

/* The message @i of this sample, as it was. */
void decoder_message(struct decoder *d, size_t i, struct store_message *ret);
