/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "base/json.h"

#include "base/cleanup.h"

enum { SURROGATE = 0xd800, SURROGATE_LOW = 0xdc00, SURROGATE_END = 0xe000, BEYOND_BMP = 0x10000 };

static bool fail(struct json *j)
{
	j->failed = true;
	j->rest = (struct sv){};
	return false;
}

/* The byte that comes next behind blanks; '\0', which is none of JSON's, at the end. */
static char peek(struct json *j)
{
	while (j->rest.len &&
	       (j->rest.p[0] == ' ' || j->rest.p[0] == '\t' || j->rest.p[0] == '\n' || j->rest.p[0] == '\r'))
		j->rest = sv_from(j->rest, 1);
	return j->rest.len ? j->rest.p[0] : '\0';
}

static bool take(struct json *j, char c)
{
	if (peek(j) != c)
		return false;
	j->rest = sv_from(j->rest, 1);
	return true;
}

static bool read_unit(struct json *j, uint32_t *ret)
{
	uint32_t v = 0;

	if (j->rest.len < 4)
		return fail(j);
	for (size_t i = 0; i < 4; i++) {
		char c = j->rest.p[i];

		if (c >= '0' && c <= '9')
			v = v << 4 | (uint32_t)(c - '0');
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			v = v << 4 | (uint32_t)((c | 32) - 'a' + 10);
		else
			return fail(j);
	}
	j->rest = sv_from(j->rest, 4);
	*ret = v;
	return true;
}

static void put_utf8(struct text *t, uint32_t v)
{
	if (v < 0x80) {
		text_char(t, (char)v);
		return;
	}
	if (v < 0x800) {
		text_char(t, (char)(0xc0 | v >> 6));
	} else {
		if (v < BEYOND_BMP) {
			text_char(t, (char)(0xe0 | v >> 12));
		} else {
			text_char(t, (char)(0xf0 | v >> 18));
			text_char(t, (char)(0x80 | (v >> 12 & 63)));
		}
		text_char(t, (char)(0x80 | (v >> 6 & 63)));
	}
	text_char(t, (char)(0x80 | (v & 63)));
}

/* What is behind "\u". Half of a pair stands for no character. */
static bool read_character(struct json *j, struct text *ret)
{
	uint32_t v, low;

	if (!read_unit(j, &v))
		return false;
	if (v >= SURROGATE && v < SURROGATE_LOW) {
		if (!sv_is(sv_first(j->rest, 2), "\\u"))
			return fail(j);
		j->rest = sv_from(j->rest, 2);
		if (!read_unit(j, &low))
			return false;
		if (low < SURROGATE_LOW || low >= SURROGATE_END)
			return fail(j);
		v = BEYOND_BMP + ((v - SURROGATE) << 10 | (low - SURROGATE_LOW));
	} else if (v >= SURROGATE_LOW && v < SURROGATE_END) {
		return fail(j);
	}
	if (ret)
		put_utf8(ret, v);
	return true;
}

/* What is behind a backslash. */
static bool read_escape(struct json *j, struct text *ret)
{
	static const char escapes[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
	char c = j->rest.len ? j->rest.p[0] : '\0';

	if (!c)
		return fail(j);
	j->rest = sv_from(j->rest, 1);
	if (c == 'u')
		return read_character(j, ret);
	for (const char *e = escapes; *e; e += 2) {
		if (e[0] != c)
			continue;
		if (ret)
			text_char(ret, e[1]);
		return true;
	}
	return fail(j);
}

/* Reads a text behind its first quote; @ret NULL: only past it. */
static bool read_text(struct json *j, struct text *ret)
{
	for (;;) {
		size_t n = 0;

		while (n < j->rest.len && (unsigned char)j->rest.p[n] >= ' ' && j->rest.p[n] != '"' &&
		       j->rest.p[n] != '\\')
			n++;
		if (ret)
			text_put(ret, j->rest.p, n);
		j->rest = sv_from(j->rest, n);
		if (!j->rest.len || (unsigned char)j->rest.p[0] < ' ')
			return fail(j);
		n = j->rest.p[0] == '"';
		j->rest = sv_from(j->rest, 1);
		if (n)
			return true;
		if (!read_escape(j, ret))
			return false;
	}
}

static bool skip_digits(struct json *j)
{
	size_t n = 0;

	while (n < j->rest.len && j->rest.p[n] >= '0' && j->rest.p[n] <= '9')
		n++;
	j->rest = sv_from(j->rest, n);
	return n ? true : fail(j);
}

static bool is_next(const struct json *j, const char *any)
{
	return j->rest.len && j->rest.p[0] && strchr(any, j->rest.p[0]);
}

static void skip_number(struct json *j)
{
	if (is_next(j, "-"))
		j->rest = sv_from(j->rest, 1);
	if (is_next(j, "0"))
		j->rest = sv_from(j->rest, 1);
	else if (!skip_digits(j))
		return;
	if (is_next(j, ".")) {
		j->rest = sv_from(j->rest, 1);
		if (!skip_digits(j))
			return;
	}
	if (is_next(j, "eE")) {
		j->rest = sv_from(j->rest, 1);
		if (is_next(j, "+-"))
			j->rest = sv_from(j->rest, 1);
		(void)skip_digits(j);
	}
}

/* Past a value that has nothing in it. */
static void skip_plain(struct json *j)
{
	static const char *const words[] = { "true", "false", "null" };

	if (take(j, '"')) {
		(void)read_text(j, NULL);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (sv_is(sv_first(j->rest, strlen(words[i])), words[i])) {
			j->rest = sv_from(j->rest, strlen(words[i]));
			return;
		}
	}
	skip_number(j);
}

static bool push(struct json *j, char kind)
{
	if (j->depth == JSON_DEPTH)
		return fail(j);
	j->open[j->depth++] = kind;
	j->is_first = true;
	return true;
}

bool json_enter(struct json *j, char kind)
{
	if (take(j, kind))
		return push(j, kind);
	json_skip(j);
	return false;
}

/* Whether what we are in goes on; past its end where not. */
static bool has_more(struct json *j, char kind)
{
	if (!j->depth || j->open[j->depth - 1] != kind)
		return fail(j);
	if (take(j, kind == '{' ? '}' : ']')) {
		j->depth--;
		j->is_first = false;
		return false;
	}
	if (!j->is_first && !take(j, ','))
		return fail(j);
	j->is_first = false;
	return !j->failed;
}

bool json_item(struct json *j)
{
	return has_more(j, '[');
}

/* The same; @ret NULL: the name is not wanted. */
static bool read_key(struct json *j, struct text *ret)
{
	if (!has_more(j, '{'))
		return false;
	if (!take(j, '"'))
		return fail(j);
	return read_text(j, ret) && (take(j, ':') || fail(j));
}

bool json_key(struct json *j, struct text *ret)
{
	ret->len = 0;
	return read_key(j, ret);
}

bool json_text(struct json *j, struct text *ret)
{
	if (take(j, '"'))
		return read_text(j, ret);
	json_skip(j);
	return false;
}

void json_skip(struct json *j)
{
	unsigned int outside = j->depth;

	do {
		bool is_object = j->depth > outside && j->open[j->depth - 1] == '{';

		if (j->depth > outside && !(is_object ? read_key(j, NULL) : json_item(j)))
			continue; /* out of it, or failed */
		if (take(j, '{'))
			(void)push(j, '{');
		else if (take(j, '['))
			(void)push(j, '[');
		else
			skip_plain(j);
	} while (!j->failed && j->depth > outside);
}

bool json_end(struct json *j)
{
	return !j->failed && !j->depth && peek(j) == '\0' && !j->rest.len;
}
