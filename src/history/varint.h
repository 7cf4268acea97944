/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Numbers of as many bytes as they need: seven bits a byte, the lowest first, the top bit where more follow.
 * What is read may be hostile: a cursor never leaves its bytes, and remembers that it had to.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

enum { VARINT_MAX = 10 };

static inline uint32_t zigzag32(uint32_t v)
{
	return v << 1 ^ (uint32_t)((int32_t)v >> 31);
}

static inline uint32_t unzigzag32(uint32_t v)
{
	return v >> 1 ^ (0 - (v & 1));
}

static inline uint64_t zigzag64(uint64_t v)
{
	return v << 1 ^ (uint64_t)((int64_t)v >> 63);
}

static inline uint64_t unzigzag64(uint64_t v)
{
	return v >> 1 ^ (0 - (v & 1));
}

static inline void varint_put(struct text *t, uint64_t v)
{
	uint8_t *p = (uint8_t *)text_room(t, VARINT_MAX);
	size_t n = 0;

	if (!p)
		return;
	for (; v >= 0x80; v >>= 7)
		p[n++] = (uint8_t)(v | 0x80);
	p[n++] = (uint8_t)v;
	t->len += n;
}

struct cursor {
	const uint8_t *p, *end;
	bool is_bad; /* something was read that is not there */
};

static inline struct cursor cursor_of(const void *p, size_t len)
{
	return (struct cursor){ .p = p, .end = len ? (const uint8_t *)p + len : p };
}

static inline size_t cursor_left(const struct cursor *c)
{
	return (size_t)(c->end - c->p);
}

/* The next number; 0 where there is none. */
static inline uint64_t varint_get(struct cursor *c)
{
	uint64_t v = 0;

	for (unsigned int shift = 0; shift < 64 && c->p < c->end; shift += 7) {
		uint8_t byte = *c->p++;

		v |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return v;
	}
	c->is_bad = true;
	c->p = c->end;
	return 0;
}

/* The next number, which is at most @max; 0 where there is none. */
static inline size_t varint_get_max(struct cursor *c, size_t max)
{
	uint64_t v = varint_get(c);

	if (v <= max)
		return (size_t)v;
	c->is_bad = true;
	c->p = c->end;
	return 0;
}

/* The next @n bytes; NULL where there are fewer. */
static inline const uint8_t *cursor_take(struct cursor *c, size_t n)
{
	const uint8_t *p = c->p;

	if (n > cursor_left(c)) {
		c->is_bad = true;
		c->p = c->end;
		return NULL;
	}
	c->p += n;
	return p;
}

/* The next bytes, which stand behind their number. */
static inline struct sv cursor_take_sv(struct cursor *c)
{
	size_t n = varint_get_max(c, cursor_left(c));
	const uint8_t *p = cursor_take(c, n);

	return sv_n(p, p ? n : 0);
}
