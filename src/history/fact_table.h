/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The facts that hold, by kind and key. Who writes tells all of them for each sample and learns what has
 * changed; who reads is told what has changed.
 */

#include "base/hash.h"
#include "base/text.h"
#include "history/varint.h"

enum {
	FACT_KEY_MAX = 64 << 10,
	FACT_VALUE_MAX = 16 << 20,
};

struct fact {
	size_t index;    /* in struct fact_table */
	uint64_t sample; /* when it was told last */
	struct sv value; /* its own */
	uint8_t kind;
	size_t key_len;
	char key[];
};

struct fact_table {
	struct fact **fact;
	size_t n, cap;
	size_t expected; /* they are told in the same order as a rule */
	size_t bytes;    /* of all keys and values */
	struct hash by_key;
};

void fact_table_clear(struct fact_table *f);
void fact_table_done(struct fact_table *f);

/* NULL where there is none. */
const struct fact *fact_table_find(const struct fact_table *f, uint8_t kind, struct sv key);

/* Says that in @sample a fact has @value. Returns 1 when that is new, 0 when it held already, -ENOMEM. */
int fact_table_set(struct fact_table *f, uint64_t sample, uint8_t kind, struct sv key, struct sv value);

/* Forgets the facts that were not told in @sample, and adds their number, kinds and keys to @ended. */
int fact_table_sweep(struct fact_table *f, uint64_t sample, struct text *ended);

/* Adds what the stream of a sample says where all facts are new to who reads. */
void fact_table_put_all(const struct fact_table *f, struct text *stream);

/* A fact as the stream has it, and back; .key.p is NULL at the end or where it is damaged. */
void fact_put(struct text *stream, uint8_t kind, struct sv key, struct sv value);
struct sv fact_get(struct cursor *c, uint8_t *kind, struct sv *value);

/* Does what the stream says of a sample. Returns 0, -EBADMSG or -ENOMEM. */
int fact_table_apply(struct fact_table *f, struct cursor *c);
