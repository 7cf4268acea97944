/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "base/glob.h"

#include <stdint.h>

#include "base/cleanup.h"

static bool is_lower(uint8_t c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_upper(uint8_t c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool is_alpha(uint8_t c)
{
	return is_lower(c) || is_upper(c);
}

static bool is_alnum(uint8_t c)
{
	return is_alpha(c) || is_digit(c);
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static bool is_space(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_cntrl(uint8_t c)
{
	return c < 0x20 || c == 0x7f;
}

static bool is_graph(uint8_t c)
{
	return c > 0x20 && c < 0x7f;
}

static bool is_print(uint8_t c)
{
	return c >= 0x20 && c < 0x7f;
}

static bool is_punct(uint8_t c)
{
	return is_graph(c) && !is_alnum(c);
}

static bool is_xdigit(uint8_t c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static const struct {
	const char *name;
	bool (*is)(uint8_t c);
} classes[] = {
	{ "alpha", is_alpha }, { "digit", is_digit }, { "alnum", is_alnum }, { "upper", is_alpha },
	{ "lower", is_alpha }, { "blank", is_blank }, { "space", is_space }, { "cntrl", is_cntrl },
	{ "graph", is_graph }, { "print", is_print }, { "punct", is_punct }, { "xdigit", is_xdigit },
};

static uint8_t fold(uint8_t c)
{
	return is_upper(c) ? (uint8_t)(c + 'a' - 'A') : c;
}

/* Bracket expressions are read in steps of one element; .at is behind what was read. */
struct bracket {
	struct sv p;
	size_t at;
	bool is_bad; /* not a bracket expression after all */
};

/* "[:name:]" at .at: whether @c is in the class. */
static bool in_class(struct bracket *b, uint8_t c)
{
	struct sv rest = sv_from(b->p, b->at + 2);
	size_t len = 0;

	while (len < rest.len && is_alpha((uint8_t)rest.p[len]))
		len++;
	if (rest.len < len + 2 || rest.p[len] != ':' || rest.p[len + 1] != ']') {
		b->is_bad = true;
		return false;
	}
	b->at += 2 + len + 2;
	for (size_t i = 0; i < ARRAY_SIZE(classes); i++)
		if (sv_is(sv_first(rest, len), classes[i].name))
			return classes[i].is(c);
	b->is_bad = true;
	return false;
}

static uint8_t read_char(struct bracket *b)
{
	if (b->at < b->p.len && b->p.p[b->at] == '\\')
		b->at++;
	if (b->at >= b->p.len) {
		b->is_bad = true;
		return 0;
	}
	return fold((uint8_t)b->p.p[b->at++]);
}

/* One element at .at: a character, a range or a class. */
static bool in_element(struct bracket *b, uint8_t c)
{
	uint8_t lo, hi;

	if (b->p.len - b->at > 1 && b->p.p[b->at] == '[' && b->p.p[b->at + 1] == ':')
		return in_class(b, c);
	lo = hi = read_char(b);
	if (b->p.len > b->at + 1 && b->p.p[b->at] == '-' && b->p.p[b->at + 1] != ']') {
		b->at++;
		hi = read_char(b);
	}
	return c >= lo && c <= hi;
}

/*
 * Matches @c against the bracket expression that begins at @at of @p.
 * Returns the bytes it takes there, 0 when it is none and '[' stands for itself.
 */
static size_t match_bracket(struct sv p, size_t at, uint8_t c, bool *ret)
{
	struct bracket b = { .p = p, .at = at + 1 };
	bool is_not = false, found = false;
	size_t first;

	if (b.at < p.len && (p.p[b.at] == '!' || p.p[b.at] == '^')) {
		is_not = true;
		b.at++;
	}
	first = b.at;
	for (; !b.is_bad; found |= in_element(&b, fold(c))) {
		if (b.at >= p.len)
			return 0;
		if (p.p[b.at] == ']' && b.at > first)
			break;
	}
	if (b.is_bad)
		return 0;
	*ret = found != is_not;
	return b.at + 1 - at;
}

/* Matches one character of @p at @at other than '*'; returns the bytes it takes, 0 when @c does not match. */
static size_t match_one(struct sv p, size_t at, uint8_t c)
{
	bool ok = false;
	size_t n;

	switch (p.p[at]) {
	case '?': return 1;
	case '[':
		n = match_bracket(p, at, c, &ok);
		if (n)
			return ok ? n : 0;
		return c == '[' ? 1 : 0;
	case '\\':
		if (at + 1 == p.len)
			return 0;
		return fold((uint8_t)p.p[at + 1]) == fold(c) ? 2 : 0;
	default: return fold((uint8_t)p.p[at]) == fold(c) ? 1 : 0;
	}
}

bool glob_match(struct sv p, struct sv s)
{
	size_t i = 0, j = 0, star = SIZE_MAX, retry = 0;

	while (j < s.len) {
		size_t n;

		if (i < p.len && p.p[i] == '*') {
			star = ++i;
			retry = j;
			continue;
		}
		n = i < p.len ? match_one(p, i, (uint8_t)s.p[j]) : 0;
		if (n) {
			i += n;
			j++;
		} else if (star != SIZE_MAX) { /* let the last star take one more */
			i = star;
			j = ++retry;
		} else {
			return false;
		}
	}
	while (i < p.len && p.p[i] == '*')
		i++;
	return i == p.len;
}

bool glob_is_wild(struct sv p)
{
	bool ok;

	for (size_t i = 0; i < p.len; i++) {
		if (p.p[i] == '\\')
			i++;
		else if (p.p[i] == '*' || p.p[i] == '?' || (p.p[i] == '[' && match_bracket(p, i, 0, &ok)))
			return true;
	}
	return false;
}

bool glob_find(struct sv p, struct sv s)
{
	for (size_t from = 0; from <= s.len; from++) {
		size_t i = 0, j = from, n = 1;

		while (n && i < p.len && j < s.len) {
			n = match_one(p, i, (uint8_t)s.p[j++]);
			i += n;
		}
		if (i == p.len)
			return true;
	}
	return false;
}
