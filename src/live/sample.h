/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The sockets of one moment, kept: rows that outlive their messages, with all that was added to them, so that
 * they can be filtered, sorted, counted and shown anew without asking anybody. Immutable once it is complete,
 * and then it may be read by several threads.
 */

#include "base/cleanup.h"
#include "base/text.h"
#include "model/field.h"
#include "sink/sink.h"

struct sample;

/* Returns NULL when memory ran out. With one reference, the caller's. */
struct sample *sample_new(void);
struct sample *sample_ref(struct sample *s);
struct sample *sample_unref(struct sample *s);

static inline void sample_unrefp(struct sample **s)
{
	if (*s)
		(void)sample_unref(*s);
}

/* Keeps @row. Returns 0, -ENOMEM, or -EBADMSG for one of a kind that no table has. */
int sample_add(struct sample *s, const struct row *row);

size_t sample_len(const struct sample *s);

/* When it was taken: monotonic, and since 1970; 0: not known. */
void sample_set_time(struct sample *s, int64_t monotonic_us, uint64_t at_us);
int64_t sample_monotonic_us(const struct sample *s);
uint64_t sample_at_us(const struct sample *s);

/* Of which selection it is, by number: what another one has not, need not be gone. Before others read it. */
void sample_set_selection(struct sample *s, uint32_t number);
uint32_t sample_selection(const struct sample *s);

/* Bytes that it takes. */
size_t sample_size(const struct sample *s);

/* A row of it, opened: valid until the next is opened in the same one, as long as the sample. */
struct sample_row {
	struct row row;
	/* inner: what segments point to */
	struct sample_texts *texts;
	struct owner *owner;
	struct owner_texts *owner_texts;
	size_t n_owner;
};

void sample_row_done(struct sample_row *r);

/* Opens row @i. Returns it, or NULL when memory ran out. */
const struct row *sample_open(const struct sample *s, size_t i, struct sample_row *r);

/* What a socket is known by from sample to sample; never 0. */
uint64_t row_identity(const struct row *row);

/* The same of row @i, without opening it. */
uint64_t sample_identity(const struct sample *s, size_t i);

/* Whether the same sockets are in both, whatever they do. */
bool sample_has_same(const struct sample *a, const struct sample *b);

/* An output that keeps the rows of each run in the sample that it was told last, borrowed. */
struct sampling {
	struct sink sink;
	struct fieldset fields; /* that are to be kept */
	struct sample *to;
	int error;
};

void sampling_init(struct sampling *s);
