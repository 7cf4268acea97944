/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Messages of one shape have the same length and mean the same by the same word, so that their differences
 * can stand in columns. What a shape is, is stored with them: who reads needs to know nothing about the
 * kernel.
 */

#include <linux/netlink.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "history/varint.h"

enum {
	SHAPE_ODD = 0,        /* the number of none: messages that are stored whole */
	SHAPES_MAX = 256,     /* in a block; what has no room is odd */
	SHAPE_LEN_MAX = 2048, /* longer messages are odd */
	SHAPE_AGES_MAX = 8,
	MESSAGE_MAX = 16 << 20,
};

/* A word that runs with the clock, in milliseconds, while nothing happens. 0 means that there is none. */
struct age {
	uint16_t word;
	bool is_down; /* it says how long until, not how long since */
};

struct shape {
	uint64_t signature; /* of what writes; not stored */
	uint32_t len;       /* bytes of a message */
	uint32_t table;
	uint32_t key_word; /* 1 + the word where the message has its key, as 8 bytes; 0: nowhere */
	uint32_t n_ages;
	struct age age[SHAPE_AGES_MAX];
};

struct shapes {
	struct shape at[SHAPES_MAX];
	size_t n; /* with number 0, which is odd */
};

static inline uint32_t shape_words(uint32_t len)
{
	return (len + 3) / 4;
}

void shapes_clear(struct shapes *s);

/* The number of the shape of @msg, of @table and with @key; SHAPE_ODD where it has none. */
uint32_t shapes_number(struct shapes *s, uint32_t table, uint64_t key, const struct nlmsghdr *msg);

void shapes_put(const struct shapes *s, struct text *t);

/* Reads into @s what shapes_put() wrote. What @s had must be its beginning. False when it is damaged. */
bool shapes_get(struct shapes *s, struct cursor *c);
