/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "sink/classic/pen.h"

#include <stdio.h>

#include "base/utf8.h"

enum { TAB = 8 };

static void put(struct pen *p, struct sv s)
{
	memset(p->d, ' ', p->pending);
	p->d += p->pending;
	p->pending = 0;
	memcpy(p->d, s.p, s.len);
	p->d += s.len;
	p->col += utf8_width(s);
}

/* A new line with @tabs in front. */
static void put_break(struct pen *p, size_t tabs)
{
	*p->d++ = '\n';
	memset(p->d, '\t', tabs);
	p->d += tabs;
	p->pending = 0;
	p->col = TAB * tabs;
}

static size_t find(struct sv s, const char *set)
{
	size_t n = 0;

	while (n < s.len && !strchr(set, s.p[n]))
		n++;
	return n;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The length of the first word of @s, with the value behind it when it is only a name: "send 12Mbps". */
static size_t word_len(struct sv s)
{
	size_t n = find(s, " ");
	struct sv rest = sv_from(s, n);
	bool is_open = n && strchr(":(", s.p[n - 1]);
	bool is_name = n && !memchr(s.p, ':', n) && rest.len > 1 && is_digit(rest.p[1]);

	if (rest.len > 1 && (is_open || is_name))
		n += 1 + find(sv_from(rest, 1), " ");
	return n;
}

/* How many bytes of @word, which is wider than a line, stand on one of @room cells: up to a comma. */
static size_t part_len(struct sv word, size_t room)
{
	size_t best = 0;

	for (size_t n = find(word, ",") + 1; n < word.len; n += find(sv_from(word, n), ",") + 1) {
		if (utf8_width(sv_first(word, n)) > room)
			break;
		best = n;
	}
	return best ? best : word.len;
}

/* A word of one line, whose further lines have @tabs in front. */
static void put_word(struct pen *p, struct sv word, size_t tabs)
{
	size_t line = p->screen > TAB * tabs ? p->screen - TAB * tabs : 1;
	bool is_first = p->col <= TAB * tabs && !p->pending;

	if (!is_first && p->col + 1 + utf8_width(word) > p->screen)
		put_break(p, tabs);
	else if (!is_first)
		put(p, sv(" "));
	while (utf8_width(word) > line) {
		size_t n = part_len(word, line);

		put(p, sv_first(word, n));
		word = sv_from(word, n);
		if (!word.len)
			return;
		put_break(p, tabs);
	}
	put(p, word);
}

static void put_line(struct pen *p, struct sv line, size_t tabs)
{
	while (line.len) {
		size_t n;

		if (*line.p == ' ') {
			line = sv_from(line, 1);
			continue;
		}
		n = word_len(line);
		put_word(p, sv_first(line, n), tabs);
		line = sv_from(line, n);
	}
}

void pen_words(struct pen *p, struct sv text)
{
	size_t tabs = 1, n = find(text, "\n");

	put_line(p, sv_first(text, n), tabs);
	while (n < text.len) {
		text = sv_from(text, n + 1);
		for (tabs = 0; tabs < text.len && text.p[tabs] == '\t';)
			tabs++;
		put_break(p, tabs);
		text = sv_from(text, tabs);
		n = find(text, "\n");
		put_line(p, sv_first(text, n), tabs);
	}
}

/* The length of the owner that @s begins with: ("name",pid=1,fd=2), and a name may hold what ends one
 * elsewhere. */
static size_t owner_len(struct sv s)
{
	bool is_quoted = false;

	for (size_t n = 1; n < s.len; n++) {
		if (is_quoted && s.p[n] == '\\')
			n++;
		else if (s.p[n] == '"')
			is_quoted = !is_quoted;
		else if (s.p[n] == ')' && !is_quoted)
			return n + 1;
	}
	return s.len;
}

/* "+N" for owners that are not told; with what stands around it. */
static size_t rest_of(char *buf, size_t size, size_t n)
{
	return n ? (size_t)snprintf(buf, size, ",+%zu)", n) : (size_t)snprintf(buf, size, ")");
}

/* How many of the @n owners behind @head fit @room cells, with the number of the others. */
static size_t count_fitting(struct sv owners, size_t n, size_t room)
{
	size_t used = 0, fits = 0;
	char buf[32];

	for (size_t i = 1; i <= n; i++) {
		size_t len = owner_len(owners);

		used += utf8_width(sv_first(owners, len)) + (i > 1);
		if (used + rest_of(buf, sizeof(buf), n - i) <= room)
			fits = i;
		owners = sv_from(owners, len + 1 < owners.len ? len + 1 : owners.len);
	}
	return fits;
}

static size_t count_owners(struct sv owners)
{
	size_t n = 0;

	for (; owners.len && *owners.p == '('; n++) {
		size_t len = owner_len(owners);

		owners = sv_from(owners, len + 1 < owners.len ? len + 1 : owners.len);
	}
	return n;
}

/* The first @n of all the owners, which are @of. */
static void put_owners(struct pen *p, struct sv owners, size_t n, size_t of)
{
	char buf[32];

	for (size_t i = 0; i < n; i++) {
		size_t len = owner_len(owners);

		put(p, sv(i ? "," : ""));
		put(p, sv_first(owners, len));
		owners = sv_from(owners, len + 1 < owners.len ? len + 1 : owners.len);
	}
	put(p, sv_n(buf, rest_of(buf, sizeof(buf), of - n)));
}

void pen_owners(struct pen *p, struct sv cell, size_t width)
{
	static const char begin[] = " users:(";
	const struct sv head = sv_n(begin, sizeof(begin) - 1);
	struct sv owners, sign = sv("");
	size_t n, fits;

	if (cell.len < head.len || memcmp(cell.p, begin, head.len) != 0) {
		pen_words(p, cell);
		return;
	}
	if (cell.p[cell.len - 1] == '*') { /* behind what ends them all: a sign (marked.h) */
		cell.len--;
		width -= width > 0;
		sign = sv("*");
	}
	owners = sv_from(cell, head.len);
	n = count_owners(owners);
	fits = width > head.len ? count_fitting(owners, n, width - head.len) : 0;
	if (fits) {
		put(p, head);
	} else {
		put_break(p, 1);
		put(p, sv_from(head, 1));
		fits = p->screen > TAB + head.len ? count_fitting(owners, n, p->screen - TAB - head.len + 1)
						  : 0;
	}
	put_owners(p, owners, fits ? fits : 1, n);
	put(p, sign);
}
