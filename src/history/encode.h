/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Samples to sections. A sample is collected, and then told as what differs from the sample before, whose
 * order its messages have as a rule; or from nothing, where a block begins.
 *
 * What a word is expected to be: the sequence number and the port of the message before it; an age that was
 * not 0, what it was and the time that has passed; everything else what it was in this socket's last message,
 * or for a new one in the message that template_of() finds, or 0.
 */

#include "history/fact_table.h"
#include "history/section.h"
#include "history/store.h"

enum {
	LOOK_AHEAD = 8, /* messages of the last sample among which the expected one or a template may be */
	SEQ_WORD = 2,
	PID_WORD = 3,
};

struct entry {
	uint64_t key;
	size_t at; /* in .bytes, in words */
	uint32_t table, netns, len, shape;
	uint32_t clock; /* when it was read, in milliseconds: what makes the most of its ages come out even */
};

struct sample {
	struct entry *entry;
	size_t n, cap;
	uint32_t *word; /* of all messages, each filled up to a whole word with 0 */
	size_t n_words, cap_words;
};

/* What is expected of the next message, whoever it is of. */
struct running {
	uint32_t seq, pid, clock;
};

struct encoder {
	struct shapes shapes;
	struct sample two[2], *last, *now; /* the last sample that was encoded, the one that is collected */
	uint8_t *is_used;                  /* by index in .last: it is in this sample too */
	size_t cap_used;
	uint32_t *index; /* 1 + index in .last, by hash of the key; made when something has moved */
	size_t n_index;
	bool has_index;
	uint32_t newest[SHAPES_MAX]; /* 1 + index in .now of the last new message of a shape */
	struct fact_table facts;
	struct text facts_now; /* as in the stream */
	size_t n_facts_now;
	uint32_t clock; /* of the last message encoded */
	uint64_t n_samples;
};

void encoder_done(struct encoder *c);

/* Begins a block: the next sample is told from nothing. */
void encoder_begin_block(struct encoder *c);

/* Begins to collect a sample; what was collected and not encoded is forgotten. */
void encoder_begin(struct encoder *c);

/* Returns 0, -EMSGSIZE for what is no message, or -ENOMEM. Both are copied. */
int encoder_put(struct encoder *c, const struct store_message *m);
int encoder_put_fact(struct encoder *c, uint8_t kind, struct sv key, struct sv value);

/*
 * Adds the sample collected, begun at @clock_ms, to @s as differences, or not at all where @s is NULL, and
 * makes it the last one. Returns 0 or -ENOMEM: then the encoder has to begin a block.
 */
int encoder_end(struct encoder *c, uint32_t clock_ms, struct section *s);

/* Puts the last sample into @s, which is empty, as what is told from nothing. Returns 0 or -ENOMEM. */
int encoder_put_base(struct encoder *c, uint32_t clock_ms, struct section *s);
