/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * A growing run of bytes, and fast ways to append to it.
 *
 * Running out of memory is remembered in .failed, after which appending does
 * nothing; whoever uses the text asks once, at the end.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sv.h"

struct text {
	char *p;
	size_t len, cap;
	bool failed;
};

void text_done(struct text *t);

/* Makes @t one that ran out of memory: part of what belongs into it could not be had. */
void text_fail(struct text *t);

/* Makes room for @n more bytes; returns where they go, or NULL. */
char *text_room_slow(struct text *t, size_t n);

static inline char *text_room(struct text *t, size_t n)
{
	if (__builtin_expect(t->cap - t->len >= n, 1))
		return t->p + t->len;
	return text_room_slow(t, n);
}

static inline void text_put(struct text *t, const void *p, size_t n)
{
	char *d = n ? text_room(t, n) : NULL;

	if (!d)
		return;
	memcpy(d, p, n);
	t->len += n;
}

/* text_put() of @n bytes where @cap, a constant, may be read: a copy of known size is a move or two. */
static inline __attribute__((always_inline)) void text_put_short(struct text *t, const void *p, size_t cap,
								 size_t n)
{
	char *d = text_room(t, cap);

	if (!d)
		return;
	memcpy(d, p, cap);
	t->len += n;
}

static inline void text_sv(struct text *t, struct sv s)
{
	text_put(t, s.p, s.len);
}

static inline void text_str(struct text *t, const char *s)
{
	text_put(t, s, strlen(s));
}

static inline void text_char(struct text *t, char c)
{
	char *d = text_room(t, 1);

	if (!d)
		return;
	*d = c;
	t->len++;
}

enum { TEXT_U64_MAX = 20 }; /* digits */

/* Writes @v, at least 10, where there is room for TEXT_U64_MAX bytes; returns where it ends. */
char *text_u64_long(char *d, uint64_t v);

/* Writes @v where there is room for TEXT_U64_MAX bytes; returns where it ends. */
static inline char *text_u64_at(char *d, uint64_t v)
{
	if (v >= 10)
		return text_u64_long(d, v);
	*d = (char)('0' + v);
	return d + 1;
}

void text_u64(struct text *t, uint64_t v);
void text_i64(struct text *t, int64_t v);
void text_hex(struct text *t, uint64_t v); /* lower case, no prefix */

/* printf's %g (six significant digits) of @v / 1000, the way times in microseconds are shown as milliseconds.
 */
void text_g_milli(struct text *t, uint64_t v);

/* printf's %.*g of @v, which is at least 0, with @digits significant digits, at most 6. */
void text_g(struct text *t, double v, unsigned int digits);

/* printf's %.0f of @v, which is at least 0. */
void text_f0(struct text *t, double v);

void text_printf(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The time @us microseconds after 1970 as RFC 3339 has it, in UTC: "2026-11-30T12:00:00.000001Z". */
void text_time(struct text *t, uint64_t us);

/* The dotted quad of the four bytes at @addr. */
void text_ipv4(struct text *t, const uint8_t *addr);

/* RFC 5952 text of the sixteen bytes at @addr, as inet_ntop() writes it. */
void text_ipv6(struct text *t, const uint8_t *addr);
