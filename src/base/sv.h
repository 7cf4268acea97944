/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * A string view: bytes somewhere else, with a length, not terminated.
 */

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct sv {
	const char *p;
	size_t len;
};

/* For a "%.*s" conversion. */
#define SV_ARG(s) (int)(s).len, (s).p

static inline struct sv sv(const char *s)
{
	return (struct sv){ s, strlen(s) };
}

static inline struct sv sv_n(const void *p, size_t len)
{
	return (struct sv){ p, len };
}

static inline bool sv_eq(struct sv a, struct sv b)
{
	return a.len == b.len && (!a.len || !memcmp(a.p, b.p, a.len));
}

static inline bool sv_is(struct sv a, const char *s)
{
	return sv_eq(a, sv(s));
}

/* Without its first @n bytes, or what there is. */
static inline struct sv sv_from(struct sv a, size_t n)
{
	if (n > a.len)
		n = a.len;
	return (struct sv){ a.p + n, a.len - n };
}

/* Its first @n bytes, or what there is. */
static inline struct sv sv_first(struct sv a, size_t n)
{
	return (struct sv){ a.p, n < a.len ? n : a.len };
}

/* Index of the first @c, or -1. */
static inline ptrdiff_t sv_find(struct sv a, char c)
{
	const char *p = a.len ? memchr(a.p, c, a.len) : NULL;

	return p ? p - a.p : -1;
}

/* Index of the last @c, or -1. */
static inline ptrdiff_t sv_rfind(struct sv a, char c)
{
	const char *p = a.len ? memrchr(a.p, c, a.len) : NULL;

	return p ? p - a.p : -1;
}

/* Takes off its front what is before the first @c, or all: it goes on behind that @c, with .p NULL when there
 * was none. */
static inline struct sv sv_take(struct sv *rest, char c)
{
	ptrdiff_t n = sv_find(*rest, c);
	struct sv part = n < 0 ? *rest : sv_first(*rest, (size_t)n);

	*rest = n < 0 ? (struct sv){} : sv_from(*rest, (size_t)n + 1);
	return part;
}

static inline bool sv_is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Without the blanks at its ends. */
static inline struct sv sv_trim(struct sv s)
{
	while (s.len && sv_is_blank(s.p[0]))
		s = sv_from(s, 1);
	while (s.len && sv_is_blank(s.p[s.len - 1]))
		s.len--;
	return s;
}

/* Takes the next word off its front, with the blanks and line ends before; empty when there is none. */
static inline struct sv sv_word(struct sv *rest)
{
	struct sv s = *rest;
	size_t n = 0;

	for (; s.len && sv_is_blank(s.p[0]); s.len--)
		s.p++;
	while (n < s.len && !sv_is_blank(s.p[n]))
		n++;
	*rest = n ? sv_from(s, n) : s;
	s.len = n;
	return s;
}

/* Up to, not including, the end of a NUL-terminated string kept in @cap bytes. */
static inline struct sv sv_fixed(const void *p, size_t cap)
{
	return (struct sv){ p, strnlen(p, cap) };
}
